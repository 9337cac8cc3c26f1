package dev.sallyport.gateway.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.gateway.flow.ByteSink;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TrailerSinkTest {
    /** Keeps what it is given. */
    private static final class Kept implements ByteSink {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private boolean completed;
        private boolean failed;

        @Override
        public void write(ByteBuf data) {
            byte[] taken = new byte[data.readableBytes()];
            data.readBytes(taken);
            data.release();
            bytes.writeBytes(taken);
        }

        @Override
        public void complete() {
            completed = true;
        }

        @Override
        public void fail(Throwable cause) {
            failed = true;
        }

        @Override
        public boolean writable() {
            return true;
        }

        @Override
        public void onWritabilityChanged(Runnable listener) {
            // Always writable.
        }
    }

    @Test
    void framesASmallBodyWithItsChecksum() {
        Kept kept = new Kept();
        TrailerSink sink = new TrailerSink(kept, 9);
        sink.write(Unpooled.copiedBuffer("12345", StandardCharsets.US_ASCII));
        sink.write(Unpooled.copiedBuffer("6789", StandardCharsets.US_ASCII));
        sink.complete();
        assertThat(kept.bytes.toString(StandardCharsets.US_ASCII))
                .isEqualTo("9\r\n123456789\r\n0\r\nx-amz-checksum-crc32c:4waSgw==\r\n\r\n");
        assertThat(kept.completed).isTrue();
    }

    @Test
    void hasTheLengthThatWasSaidHoweverItIsWritten() {
        Random random = new Random(1);
        for (int length : new int[] {1, 1 << 20, (1 << 20) + 1, 3 << 20, (3 << 20) + 12_345}) {
            Kept kept = new Kept();
            TrailerSink sink = new TrailerSink(kept, length);
            int left = length;
            while (left > 0) {
                int count = Math.min(left, 1 + random.nextInt(700_000));
                ByteBuf data = Unpooled.directBuffer(count).writeZero(count);
                sink.write(data);
                assertThat(data.refCnt()).isZero();
                left -= count;
            }
            sink.complete();
            assertThat(kept.bytes.size()).isEqualTo((int) TrailerSink.framedLength(length));
        }
    }

    @Test
    void failsWhatIsNotAsLongAsItWasSaid() {
        Kept kept = new Kept();
        TrailerSink sink = new TrailerSink(kept, 9);
        sink.write(Unpooled.copiedBuffer("12345", StandardCharsets.US_ASCII));
        sink.complete();
        assertThat(kept.failed).isTrue();
        Kept longer = new Kept();
        new TrailerSink(longer, 2).write(Unpooled.copiedBuffer("123", StandardCharsets.US_ASCII));
        assertThat(longer.failed).isTrue();
    }
}

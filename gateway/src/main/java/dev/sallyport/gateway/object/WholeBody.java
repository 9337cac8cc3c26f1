package dev.sallyport.gateway.object;

import dev.sallyport.gateway.flow.ByteSink;
import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.s3.S3Exception;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.CompletableFuture;

/** Reads a small body whole, verified. */
final class WholeBody {
    private WholeBody() {}

    /**
     * Blocks until all of the payload is here and has been verified.
     *
     * @param length what the client said
     */
    static byte[] read(S3Call call, int length) {
        Collector collector = new Collector(length);
        call.exchange().body().gather(call.verified().bodyVerifier().apply(collector));
        return Futures.await(collector.whole);
    }

    private static final class Collector implements ByteSink {
        private final CompletableFuture<byte[]> whole = new CompletableFuture<>();
        private final byte[] bytes;
        private int filled;

        Collector(int length) {
            bytes = new byte[length];
        }

        @Override
        public void write(ByteBuf data) {
            int count = data.readableBytes();
            if (count > bytes.length - filled) {
                whole.completeExceptionally(incomplete());
            } else {
                data.readBytes(bytes, filled, count);
                filled += count;
            }
            data.release();
        }

        @Override
        public void complete() {
            if (filled == bytes.length) {
                whole.complete(bytes);
            } else {
                whole.completeExceptionally(incomplete());
            }
        }

        @Override
        public void fail(Throwable cause) {
            whole.completeExceptionally(cause);
        }

        @Override
        public boolean writable() {
            return true;
        }

        @Override
        public void onWritabilityChanged(Runnable listener) {
            // Always writable.
        }

        private static S3Exception incomplete() {
            return new S3Exception(
                    400,
                    "IncompleteBody",
                    "You did not provide the number of bytes specified by the Content-Length HTTP header");
        }
    }
}

package dev.sallyport.gateway.backend;

import dev.sallyport.gateway.flow.ByteSink;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.zip.CRC32C;

/**
 * Puts a body of known length into unsigned aws-chunked framing, with its CRC32C as the trailer, so that the store checks
 * what reached it before it keeps it. Chunks of one MiB, cut out of what comes without a copy.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html">Trailing headers</a>
 */
final class TrailerSink implements ByteSink {
    /** The value of {@code x-amz-content-sha256}. */
    static final String PAYLOAD = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

    /** The value of {@code x-amz-trailer}. */
    static final String TRAILER = "x-amz-checksum-crc32c";

    private static final int CHUNK = 1 << 20;
    private static final int TRAILER_LENGTH = 3 + TRAILER.length() + 1 + 8 + 4;

    private final ByteSink target;
    private final CRC32C checksum = new CRC32C();
    private long left;
    private int chunkLeft;

    TrailerSink(ByteSink target, long length) {
        this.target = target;
        this.left = length;
    }

    /** Bytes of a framed body of {@code length} bytes. */
    static long framedLength(long length) {
        long whole = length / CHUNK;
        int rest = (int) (length % CHUNK);
        long framed = whole * (CHUNK + frame(CHUNK));
        return framed + (rest == 0 ? 0 : rest + frame(rest)) + TRAILER_LENGTH;
    }

    private static int frame(int chunk) {
        return Integer.toHexString(chunk).length() + 4;
    }

    @Override
    public void write(ByteBuf data) {
        if (data.readableBytes() > left) {
            data.release();
            target.fail(new IllegalStateException("a body longer than it was said to be"));
            return;
        }
        for (ByteBuffer part : data.nioBuffers()) {
            checksum.update(part);
        }
        while (data.readableBytes() > 0) {
            if (chunkLeft == 0) {
                chunkLeft = (int) Math.min(CHUNK, left);
                target.write(text(Integer.toHexString(chunkLeft) + "\r\n"));
            }
            int count = Math.min(chunkLeft, data.readableBytes());
            target.write(data.readRetainedSlice(count));
            chunkLeft -= count;
            left -= count;
            if (chunkLeft == 0) {
                target.write(text("\r\n"));
            }
        }
        data.release();
    }

    @Override
    public void complete() {
        if (left > 0) {
            target.fail(new IllegalStateException("a body shorter than it was said to be"));
            return;
        }
        byte[] value = ByteBuffer.allocate(4).putInt((int) checksum.getValue()).array();
        target.write(text("0\r\n" + TRAILER + ':' + Base64.getEncoder().encodeToString(value) + "\r\n\r\n"));
        target.complete();
    }

    @Override
    public void fail(Throwable cause) {
        target.fail(cause);
    }

    @Override
    public boolean writable() {
        return target.writable();
    }

    @Override
    public void onWritabilityChanged(Runnable listener) {
        target.onWritabilityChanged(listener);
    }

    private static ByteBuf text(String text) {
        return Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.US_ASCII));
    }
}

package dev.sallyport.gateway.auth;

import dev.sallyport.gateway.flow.ByteSink;
import dev.sallyport.gateway.s3.S3Exception;
import io.netty.buffer.ByteBuf;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Checks a body against the SHA-256 that its request was signed with. */
final class HashedBodySink implements ByteSink {
    private final String expected;
    private final ByteSink next;
    private final MessageDigest digest = SigV4.sha256();

    HashedBodySink(String expected, ByteSink next) {
        this.expected = expected;
        this.next = next;
    }

    @Override
    public void write(ByteBuf data) {
        update(digest, data);
        next.write(data);
    }

    @Override
    public void complete() {
        String computed = SigV4.hex(digest.digest());
        if (SigV4Verifier.sameText(computed, expected.toLowerCase(Locale.ROOT))) {
            next.complete();
            return;
        }
        Map<String, String> details = new LinkedHashMap<>();
        details.put("ClientComputedContentSHA256", expected);
        details.put("S3ComputedContentSHA256", computed);
        next.fail(new S3Exception(
                400,
                "XAmzContentSHA256Mismatch",
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
                details));
    }

    @Override
    public void fail(Throwable cause) {
        next.fail(cause);
    }

    @Override
    public boolean writable() {
        return next.writable();
    }

    @Override
    public void onWritabilityChanged(Runnable listener) {
        next.onWritabilityChanged(listener);
    }

    /** Hashes what is readable and leaves it so. */
    static void update(MessageDigest digest, ByteBuf data) {
        if (data.hasArray()) {
            digest.update(data.array(), data.arrayOffset() + data.readerIndex(), data.readableBytes());
        } else if (data.nioBufferCount() == 1) {
            digest.update(data.nioBuffer());
        } else {
            for (java.nio.ByteBuffer part : data.nioBuffers()) {
                digest.update(part);
            }
        }
    }
}

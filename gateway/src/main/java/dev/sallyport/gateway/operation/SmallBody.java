package dev.sallyport.gateway.operation;

import dev.sallyport.gateway.checksum.ChecksumAlgorithm;
import dev.sallyport.gateway.checksum.RunningChecksum;
import dev.sallyport.gateway.flow.ByteSink;
import dev.sallyport.gateway.http.BodyTooLargeException;
import dev.sallyport.gateway.s3.PayloadDigests;
import dev.sallyport.gateway.s3.S3Exception;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Reads a request's document whole, and verifies what the request says of it. */
public final class SmallBody {
    private SmallBody() {}

    /**
     * Blocks until the decoded payload is here and has passed its signature and digests.
     *
     * @param limit in bytes
     * @throws BodyTooLargeException over the limit
     * @throws S3Exception {@code BadDigest}, or what the signature's verification found
     */
    public static byte[] read(S3Call call, PayloadDigests digests, int limit) {
        if (call.verified().decodedLength() > limit) {
            throw new BodyTooLargeException(limit);
        }
        Collector collector = new Collector(limit);
        call.exchange().body().gather(call.verified().bodyVerifier().apply(collector));
        byte[] body = await(collector.whole);
        verify(call, digests, body);
        return body;
    }

    private static byte[] await(CompletableFuture<byte[]> whole) {
        try {
            return whole.join();
        } catch (CompletionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof S3Exception refused) {
                throw refused;
            }
            if (cause instanceof BodyTooLargeException large) {
                throw large;
            }
            throw new UncheckedIOException(new IOException("the body ended early", cause));
        }
    }

    private static void verify(S3Call call, PayloadDigests digests, byte[] body) {
        String md5 = digests.contentMd5();
        if (md5 != null) {
            String computed = digest(RunningChecksum.md5(), body);
            if (!same(computed, md5)) {
                throw new S3Exception(400, "BadDigest", "The Content-MD5 you specified did not match what we received.")
                        .with("ExpectedDigest", md5)
                        .with("CalculatedDigest", computed);
            }
        }
        ChecksumAlgorithm algorithm = digests.algorithm();
        if (algorithm != null) {
            String sent = digests.trailing() ? call.verified().trailers().get(algorithm.header()) : digests.value();
            if (!same(digest(RunningChecksum.of(algorithm), body), sent)) {
                throw new S3Exception(
                        400,
                        "BadDigest",
                        "The " + algorithm.name() + " you specified did not match the calculated checksum.");
            }
        }
    }

    private static String digest(RunningChecksum checksum, byte[] body) {
        checksum.update(body, 0, body.length);
        return checksum.finishBase64();
    }

    private static boolean same(String computed, @Nullable String sent) {
        if (sent == null) {
            return false;
        }
        try {
            return MessageDigest.isEqual(
                    Base64.getDecoder().decode(computed), Base64.getDecoder().decode(sent.strip()));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static final class Collector implements ByteSink {
        private final int limit;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final CompletableFuture<byte[]> whole = new CompletableFuture<>();

        Collector(int limit) {
            this.limit = limit;
        }

        @Override
        public void write(ByteBuf data) {
            try {
                if (whole.isDone()) {
                    return;
                }
                int length = data.readableBytes();
                if (length > limit - bytes.size()) {
                    whole.completeExceptionally(new BodyTooLargeException(limit));
                    return;
                }
                byte[] chunk = new byte[length];
                data.readBytes(chunk);
                bytes.writeBytes(chunk);
            } finally {
                data.release();
            }
        }

        @Override
        public void complete() {
            whole.complete(bytes.toByteArray());
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
            // Always writable: the limit bounds what is kept.
        }
    }
}

package dev.sallyport.gateway.object;

import dev.sallyport.gateway.flow.ByteSink;
import dev.sallyport.gateway.format.SizeFormula;
import dev.sallyport.gateway.s3.S3Exception;
import dev.sallyport.kms.envelope.Sealer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Seals what flows through it. The last segment, and what follows it, go out only after everything about the payload has been
 * verified: an upload that is not as its client said ends short of its promised length, so that the store keeps what it had.
 *
 * <p>Plaintext is gathered into segments on the heap, where the cipher is fastest, and sealed ones go out in buffers of about
 * half a MiB, so that the socket sees few large writes. Everything runs on one event loop.
 */
public final class SealingSink implements ByteSink {
    private static final int SEALED = SizeFormula.SEGMENT + SizeFormula.TAG;
    private static final int BATCH = 8 * SEALED;

    private final ByteSink target;
    private final Sealer sealer;
    private final long length;
    private final PayloadVerifier verifier;
    private final Supplier<byte[]> verifyAndEnd;
    private final ByteBufAllocator allocator;
    private final CompletableFuture<Void> outcome = new CompletableFuture<>();
    private final byte[] plain;
    private final byte[] sealed;
    private int filled;
    private long taken;
    private @org.jspecify.annotations.Nullable ByteBuf batch;

    /**
     * @param sealer of the stream; closed at the end
     * @param length bytes of plaintext that will come
     * @param verifier is given every byte
     * @param verifyAndEnd called when all bytes are here: throws if they are not to be kept, else gives what is to follow the
     *     last segment (the tail, or nothing)
     */
    public SealingSink(
            ByteSink target,
            Sealer sealer,
            long length,
            PayloadVerifier verifier,
            Supplier<byte[]> verifyAndEnd,
            ByteBufAllocator allocator) {
        this.target = target;
        this.sealer = sealer;
        this.length = length;
        this.verifier = verifier;
        this.verifyAndEnd = verifyAndEnd;
        this.allocator = allocator;
        int segment = (int) Math.min(SizeFormula.SEGMENT, Math.max(1, length));
        this.plain = new byte[segment];
        this.sealed = new byte[segment + SizeFormula.TAG];
    }

    /** Completes when the whole body has been handed on; fails with what was wrong with it. */
    public CompletableFuture<Void> outcome() {
        return outcome;
    }

    @Override
    public void write(ByteBuf data) {
        try {
            if (outcome.isDone()) {
                return;
            }
            taken += data.readableBytes();
            if (taken > length) {
                throw new S3Exception(400, "IncompleteBody", "The request body is longer than it was said to be.");
            }
            while (data.isReadable()) {
                if (filled == plain.length) {
                    seal(false);
                }
                int count = Math.min(plain.length - filled, data.readableBytes());
                data.readBytes(plain, filled, count);
                filled += count;
            }
        } catch (RuntimeException e) {
            stop(e);
        } finally {
            data.release();
        }
    }

    @Override
    public void complete() {
        if (outcome.isDone()) {
            return;
        }
        try {
            if (taken < length) {
                throw new S3Exception(
                        400,
                        "IncompleteBody",
                        "You did not provide the number of bytes specified by the Content-Length HTTP header");
            }
            verifier.update(plain, 0, filled);
            byte[] end = verifyAndEnd.get();
            sealer.seal(plain, 0, filled, true, sealed, 0);
            put(sealed, filled + SizeFormula.TAG);
            put(end, end.length);
            flush();
            target.complete();
            close();
            outcome.complete(null);
        } catch (RuntimeException e) {
            stop(e);
        }
    }

    @Override
    public void fail(Throwable cause) {
        if (!outcome.isDone()) {
            stop(cause);
        }
    }

    @Override
    public boolean writable() {
        return outcome.isDone() || target.writable();
    }

    @Override
    public void onWritabilityChanged(Runnable listener) {
        target.onWritabilityChanged(listener);
    }

    private void seal(boolean last) {
        verifier.update(plain, 0, filled);
        int count = sealer.seal(plain, 0, filled, last, sealed, 0);
        put(sealed, count);
        filled = 0;
        if (batch != null && batch.writableBytes() < SEALED) {
            flush();
        }
    }

    private void put(byte[] bytes, int count) {
        if (count == 0) {
            return;
        }
        ByteBuf out = batch;
        if (out == null) {
            out = allocator.directBuffer(Math.max(BATCH, count));
            batch = out;
        }
        out.writeBytes(bytes, 0, count);
    }

    private void flush() {
        ByteBuf out = batch;
        batch = null;
        if (out != null) {
            target.write(out);
        }
    }

    private void stop(Throwable cause) {
        outcome.completeExceptionally(cause);
        close();
        target.fail(cause);
    }

    private void close() {
        ByteBuf out = batch;
        batch = null;
        if (out != null) {
            out.release();
        }
        java.util.Arrays.fill(plain, (byte) 0);
        sealer.close();
    }
}

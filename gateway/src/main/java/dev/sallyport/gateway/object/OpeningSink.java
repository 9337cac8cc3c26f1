package dev.sallyport.gateway.object;

import dev.sallyport.gateway.backend.BackendUnavailableException;
import dev.sallyport.gateway.flow.ByteSink;
import dev.sallyport.gateway.flow.ByteSource;
import dev.sallyport.gateway.format.Reading;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Opens what the store sends and hands it on. Nothing is handed on before the first plaintext has been authenticated and
 * {@link #connect} has said where to: until then the store is not read any further. Everything runs on one event loop.
 *
 * <pre>
 *   opening ──first plaintext──▶ ready ──connect──▶ flowing ──all of the reading──▶ done
 *      └────────────┴───────────────────────────────────┴──────── fail ──▶ done, the answer is cut
 * </pre>
 */
final class OpeningSink implements ByteSink {
    private static final int MAX_BATCH = 1 << 20;

    private final ByteSource source;
    private final ReadingOpener opener;
    private final ByteBufAllocator allocator;
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private final long total;
    private long given;
    private @Nullable ByteBuf batch;
    private @Nullable ByteSink target;
    private @Nullable Runnable listener;

    OpeningSink(ByteSource source, Reading reading, ReadingOpener opener, ByteBufAllocator allocator) {
        this.source = source;
        this.opener = opener;
        this.allocator = allocator;
        this.total = reading.plainLength();
    }

    /** Completes with the first authenticated plaintext; fails when there is none. */
    CompletableFuture<Void> ready() {
        return ready;
    }

    /** Completes when the whole has been handed on; fails when the answer was cut. */
    CompletableFuture<Void> done() {
        return done;
    }

    /** Where the plaintext goes; on the event loop. */
    void connect(ByteSink sink) {
        target = sink;
        if (done.isDone()) {
            sink.fail(new BackendUnavailableException("the store's answer could not be read"));
            return;
        }
        sink.onWritabilityChanged(this::writabilityChanged);
        flush();
        endIfThrough();
        writabilityChanged();
    }

    @Override
    public void write(ByteBuf data) {
        try {
            if (!done.isDone()) {
                opener.accept(data, this::gather);
                if (target != null) {
                    flush();
                }
                if (batch != null || opener.done()) {
                    ready.complete(null);
                }
                endIfThrough();
            }
        } catch (RuntimeException e) {
            stop(e);
        } finally {
            data.release();
        }
    }

    @Override
    public void complete() {
        if (!done.isDone() && !opener.done()) {
            stop(new BackendUnavailableException("the store's answer is shorter than its object"));
        }
    }

    @Override
    public void fail(Throwable cause) {
        if (!done.isDone() && !opener.done()) {
            stop(cause);
        }
    }

    @Override
    public boolean writable() {
        ByteSink sink = target;
        if (done.isDone()) {
            return true;
        }
        return sink == null ? batch == null : sink.writable();
    }

    @Override
    public void onWritabilityChanged(Runnable changed) {
        listener = changed;
    }

    private void writabilityChanged() {
        if (listener != null) {
            listener.run();
        }
    }

    private void gather(byte[] bytes, int offset, int length) {
        given += length;
        int at = offset;
        int left = length;
        while (left > 0) {
            ByteBuf out = batch;
            if (out == null) {
                long size = Math.min(MAX_BATCH, left + total - given);
                out = allocator.directBuffer((int) Math.max(left, size));
                batch = out;
            }
            int count = Math.min(left, out.writableBytes());
            if (target == null) {
                // Kept until it is known where it goes: bounded by what one read of the store gives.
                count = left;
            }
            out.writeBytes(bytes, at, count);
            at += count;
            left -= count;
            if (target != null && !out.isWritable()) {
                flush();
            }
        }
    }

    private void flush() {
        ByteBuf out = batch;
        ByteSink sink = target;
        batch = null;
        if (out != null && sink != null) {
            sink.write(out);
        }
    }

    private void endIfThrough() {
        ByteSink sink = target;
        if (sink != null && opener.done() && !done.isDone()) {
            opener.close();
            sink.complete();
            // What the store sends beyond the reading is not wanted.
            source.cancel();
            done.complete(null);
        }
    }

    private void stop(Throwable cause) {
        ByteBuf out = batch;
        batch = null;
        if (out != null) {
            out.release();
        }
        opener.close();
        source.cancel();
        done.completeExceptionally(cause);
        ready.completeExceptionally(cause);
        if (target != null) {
            target.fail(cause);
        }
    }

    /** Gives up before anything was connected; from any thread. */
    void abandon(Throwable cause) {
        source.eventLoop().execute(() -> {
            if (!done.isDone()) {
                stop(cause);
            }
        });
    }
}

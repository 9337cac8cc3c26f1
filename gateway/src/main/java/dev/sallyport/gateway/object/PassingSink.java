package dev.sallyport.gateway.object;

import dev.sallyport.gateway.flow.ByteSink;
import dev.sallyport.gateway.flow.ByteSource;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.CompletableFuture;

/** Hands bytes on as they are, and tells when that has ended. */
final class PassingSink implements ByteSink {
    private final ByteSink target;
    private final ByteSource source;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    PassingSink(ByteSink target, ByteSource source) {
        this.target = target;
        this.source = source;
    }

    /** Blocks until the end, good or bad. */
    void await() {
        Futures.await(ended);
    }

    @Override
    public void write(ByteBuf data) {
        if (ended.isDone()) {
            data.release();
            return;
        }
        try {
            target.write(data);
        } catch (RuntimeException clientGone) {
            source.cancel();
            ended.complete(null);
        }
    }

    @Override
    public void complete() {
        if (!ended.isDone()) {
            target.complete();
            ended.complete(null);
        }
    }

    @Override
    public void fail(Throwable cause) {
        if (!ended.isDone()) {
            target.fail(cause);
            ended.complete(null);
        }
    }

    @Override
    public boolean writable() {
        return ended.isDone() || target.writable();
    }

    @Override
    public void onWritabilityChanged(Runnable listener) {
        target.onWritabilityChanged(listener);
    }
}

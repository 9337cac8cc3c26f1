package dev.sallyport.gateway.upload;

import dev.sallyport.gateway.backend.BackendUnavailableException;
import dev.sallyport.gateway.flow.ByteSink;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** Hands a flow of known length on, and puts bytes behind it. */
final class AppendingSink implements ByteSink {
    private final ByteSink target;
    private final long length;
    private final byte[] suffix;
    private long taken;
    private boolean ended;

    /** @param length what must come; anything else cuts the flow */
    AppendingSink(ByteSink target, long length, byte[] suffix) {
        this.target = target;
        this.length = length;
        this.suffix = suffix.clone();
    }

    @Override
    public void write(ByteBuf data) {
        taken += data.readableBytes();
        if (ended || taken > length) {
            data.release();
            fail(new BackendUnavailableException("a staged part is longer than it was"));
            return;
        }
        target.write(data);
    }

    @Override
    public void complete() {
        if (taken != length) {
            fail(new BackendUnavailableException("a staged part is shorter than it was"));
            return;
        }
        ended = true;
        if (suffix.length > 0) {
            target.write(Unpooled.wrappedBuffer(suffix));
        }
        target.complete();
    }

    @Override
    public void fail(Throwable cause) {
        if (!ended) {
            ended = true;
            target.fail(cause);
        }
    }

    @Override
    public boolean writable() {
        return ended || target.writable();
    }

    @Override
    public void onWritabilityChanged(Runnable listener) {
        target.onWritabilityChanged(listener);
    }
}

package dev.sallyport.gateway.upload;

import dev.sallyport.gateway.flow.ByteSink;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** Puts bytes in front of a flow. */
final class PrefixSink implements ByteSink {
    private final ByteSink target;
    private final byte[] prefix;
    private boolean begun;

    PrefixSink(ByteSink target, byte[] prefix) {
        this.target = target;
        this.prefix = prefix.clone();
    }

    @Override
    public void write(ByteBuf data) {
        begin();
        target.write(data);
    }

    @Override
    public void complete() {
        begin();
        target.complete();
    }

    private void begin() {
        if (!begun) {
            begun = true;
            target.write(Unpooled.wrappedBuffer(prefix));
        }
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
}

package dev.sallyport.gateway.auth;

import dev.sallyport.gateway.flow.ByteSink;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/** Keeps what it was given. */
final class RecordingSink implements ByteSink {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    boolean completed;

    @Nullable Throwable failure;

    @Override
    public void write(ByteBuf data) {
        if (completed || failure != null) {
            throw new AssertionError("written after its end");
        }
        byte[] copy = new byte[data.readableBytes()];
        data.readBytes(copy).release();
        bytes.writeBytes(copy);
    }

    @Override
    public void complete() {
        if (completed || failure != null) {
            throw new AssertionError("ended twice");
        }
        completed = true;
    }

    @Override
    public void fail(Throwable cause) {
        if (completed || failure != null) {
            throw new AssertionError("ended twice");
        }
        failure = cause;
    }

    @Override
    public boolean writable() {
        return true;
    }

    @Override
    public void onWritabilityChanged(Runnable listener) {}
}

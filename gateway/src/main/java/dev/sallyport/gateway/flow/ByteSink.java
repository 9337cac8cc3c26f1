package dev.sallyport.gateway.flow;

import io.netty.buffer.ByteBuf;

/**
 * Where bytes flow to: a channel, or a transformation in front of another sink. Every method is called on the one event
 * loop that both ends of the flow share, never concurrently.
 *
 * <pre>
 *   write* ─▶ complete      the whole body, verified by all that stood before
 *   write* ─▶ fail          cut: what was written must never look like a whole body
 * </pre>
 *
 * After {@code complete} or {@code fail} nothing more is called.
 */
public interface ByteSink {
    /** Takes the buffer over, also when it throws. Writing while {@link #writable()} is false is allowed, but grows memory. */
    void write(ByteBuf data);

    void complete();

    void fail(Throwable cause);

    /** Whether the source should go on reading. */
    boolean writable();

    /** Runs the listener on the event loop whenever {@link #writable()} changes; one listener, set before the first write. */
    void onWritabilityChanged(Runnable listener);
}

package dev.sallyport.gateway.flow;

import io.netty.channel.EventLoop;

/**
 * Where bytes come from. It reads from its channel only while the sink is {@linkplain ByteSink#writable() writable}.
 */
public interface ByteSource {
    /** The loop on which the sink is called. */
    EventLoop eventLoop();

    /** Begins to read; once, from any thread. A body that ends early or badly ends in {@link ByteSink#fail}. */
    void start(ByteSink sink);

    /**
     * Nobody wants the rest: the sink is called no more, and the channel drains a bounded amount, else is closed. Harmless
     * after the end; from any thread.
     */
    void cancel();
}

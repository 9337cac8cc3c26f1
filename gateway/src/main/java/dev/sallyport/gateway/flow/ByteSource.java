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
     * The same for a sink that only gathers in memory: what is here whole already is given to it on the calling thread, before
     * this returns.
     */
    default void gather(ByteSink sink) {
        start(sink);
    }

    /**
     * Nobody wants the rest: the sink is called no more, and the channel drains a bounded amount, else is closed. Harmless
     * after the end; from any thread.
     */
    void cancel();
}

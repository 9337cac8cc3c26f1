package dev.sallyport.gateway.flow;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;

/** Where the buffers of the data path come from. */
public final class Buffers {
    /**
     * Pools buffers up to four MiB. Netty's own default, in a small heap, pools none over 256 KiB, so that every read of a
     * MiB would be an allocation that the platform zeroes: a tenth of a byte's whole cost.
     */
    public static final ByteBufAllocator ALLOCATOR = PooledByteBufAllocator.DEFAULT;

    private Buffers() {}
}

package dev.sallyport.volume.nbd;

import io.netty.util.concurrent.FastThreadLocal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Large arrays, used again: the collector would spend more on zeroing them than the cipher does. One thread's own. */
final class Buffers {
    private static final int SMALLEST = 64 * 1024;
    private static final int LARGEST = 512 * 1024;

    /** Bytes that are kept for later at the most. */
    private static final int KEPT = 2 << 20;

    private static final FastThreadLocal<Buffers> OF_THREAD = new FastThreadLocal<>() {
        @Override
        protected Buffers initialValue() {
            return new Buffers();
        }
    };

    /** By size: each list holds arrays of one power of two. */
    private final List<Deque<byte[]>> free = new ArrayList<>();

    private int kept;

    private Buffers() {
        for (int size = SMALLEST; size <= LARGEST; size *= 2) {
            free.add(new ArrayDeque<>());
        }
    }

    /** Those of the calling event loop. */
    static Buffers ofThread() {
        return OF_THREAD.get();
    }

    /** At least {@code length} bytes with whatever content. */
    byte[] take(int length) {
        if (length < SMALLEST || length > LARGEST) {
            return new byte[length];
        }
        int size = Integer.highestOneBit(length - 1) << 1;
        byte[] buffer = list(size).poll();
        if (buffer == null) {
            return new byte[size];
        }
        kept -= size;
        return buffer;
    }

    void giveBack(byte[] buffer) {
        int size = buffer.length;
        if (size >= SMALLEST && size <= LARGEST && Integer.bitCount(size) == 1 && kept + size <= KEPT) {
            kept += size;
            list(size).push(buffer);
        }
    }

    private Deque<byte[]> list(int size) {
        return free.get(Integer.numberOfTrailingZeros(size / SMALLEST));
    }
}

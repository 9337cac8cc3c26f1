package dev.sallyport.volume.nbd;

import java.util.ArrayList;
import java.util.List;

/**
 * Bytes that requests under way may hold, over all connections of a server: else a few clients with large requests would
 * need more than the heap. What is begun while there is room is finished, so that nobody waits for what he holds himself.
 */
final class Budget {
    private final long limit;
    private final List<Runnable> waiting = new ArrayList<>();
    private volatile long held;

    /** @param limit in bytes; passed at the most by what each event loop begins at once */
    Budget(long limit) {
        this.limit = limit;
    }

    /** A quarter of the heap. */
    static Budget ofHeap() {
        return new Budget(Math.clamp(Runtime.getRuntime().maxMemory() / 4, 8L << 20, 256L << 20));
    }

    synchronized void take(long bytes) {
        held += bytes;
    }

    /** May run those who waited, on this thread. */
    void giveBack(long bytes) {
        List<Runnable> woken = List.of();
        synchronized (this) {
            held -= bytes;
            if (held < limit && !waiting.isEmpty()) {
                woken = List.copyOf(waiting);
                waiting.clear();
            }
        }
        woken.forEach(Runnable::run);
    }

    /** Whether there is room; if not, {@code later} is run when there is, once. */
    boolean hasRoom(Runnable later) {
        if (held < limit) {
            return true;
        }
        synchronized (this) {
            if (held < limit) {
                return true;
            }
            waiting.add(later);
            return false;
        }
    }
}

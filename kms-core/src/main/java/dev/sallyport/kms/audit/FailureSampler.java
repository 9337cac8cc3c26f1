package dev.sallyport.kms.audit;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Counts events that anyone can cause without end, such as failed authentications, and lets a bounded number of them be
 * logged: so many at once, then one an interval. A line that is let through says how many went before it unlogged.
 * Thread-safe, constant memory.
 */
public final class FailureSampler {
    private final long intervalNanos;
    private final long burstNanos;
    private final LongSupplier nanoTime;
    private final AtomicLong total = new AtomicLong();
    private final AtomicLong suppressed = new AtomicLong();
    /** When the next line would be due if lines came evenly; a burst may run ahead of it. */
    private final AtomicLong due;

    /**
     * @param burst how many lines may come at once, at least 1
     * @param interval after how long each further line may come
     */
    public FailureSampler(int burst, Duration interval) {
        this(burst, interval, System::nanoTime);
    }

    FailureSampler(int burst, Duration interval, LongSupplier nanoTime) {
        if (burst < 1 || !interval.isPositive()) {
            throw new IllegalArgumentException("burst and interval must be positive");
        }
        this.intervalNanos = interval.toNanos();
        this.burstNanos = Math.multiplyExact(intervalNanos, burst);
        this.nanoTime = nanoTime;
        this.due = new AtomicLong(nanoTime.getAsLong() - burstNanos);
    }

    /**
     * Counts a failure.
     *
     * @param log called with the number of failures since the last line that were not logged, when this one may be
     */
    public void failed(LongConsumer log) {
        total.incrementAndGet();
        long now = nanoTime.getAsLong();
        while (true) {
            long next = due.get();
            long start = Math.max(next - (now - burstNanos), 0) + (now - burstNanos);
            if (start + intervalNanos - now > 0) {
                suppressed.incrementAndGet();
                return;
            }
            if (due.compareAndSet(next, start + intervalNanos)) {
                log.accept(suppressed.getAndSet(0));
                return;
            }
        }
    }

    /** All failures, logged or not. */
    public long total() {
        return total.get();
    }
}

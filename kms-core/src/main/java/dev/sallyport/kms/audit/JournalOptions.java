package dev.sallyport.kms.audit;

import java.time.Clock;
import java.time.Duration;

/**
 * How a journal is kept.
 *
 * @param segmentBytes a segment that has reached this size is closed and the next begun
 * @param segmentAge likewise by the age of its first record, so that retention works on a quiet system
 * @param retention a segment is deleted when all its records are older
 * @param probeInterval how often a full disk is tried again
 * @param clock tells the age
 */
public record JournalOptions(
        long segmentBytes, Duration segmentAge, Duration retention, Duration probeInterval, Clock clock) {
    private static final long MIN_SEGMENT = 4_096;
    private static final long MAX_SEGMENT = 1L << 30;

    public JournalOptions {
        if (segmentBytes < MIN_SEGMENT || segmentBytes > MAX_SEGMENT) {
            throw new IllegalArgumentException("a segment has 4 KiB to 1 GiB");
        }
        if (!segmentAge.isPositive() || !retention.isPositive() || !probeInterval.isPositive()) {
            throw new IllegalArgumentException("durations must be positive");
        }
    }

    /** Segments of 64 MiB or a day, kept for 90 days. */
    public static JournalOptions defaults() {
        return new JournalOptions(
                64L << 20, Duration.ofDays(1), Duration.ofDays(90), Duration.ofSeconds(1), Clock.systemUTC());
    }

    /** The same with another retention. */
    public JournalOptions withRetention(Duration other) {
        return new JournalOptions(segmentBytes, segmentAge, other, probeInterval, clock);
    }
}

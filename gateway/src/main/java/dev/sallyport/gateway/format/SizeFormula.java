package dev.sallyport.gateway.format;

import java.util.OptionalLong;

/**
 * The one relation between an object's length S and the bytes C(S) that it takes in the store, whatever its layout:
 *
 * <pre>
 *   C(0) = 0
 *   C(S) = S + 16·max(1, ⌈S/65536⌉) + A·min(10000, ⌊S/5 MiB⌋ + 1) + K,   A = 256, K = 512
 * </pre>
 *
 * It is strictly increasing, so a listing's stored size gives the length back with no further request. The first two terms
 * are the segments of one stream; the rest is the tail's reserve. An object of m parts has S ≥ 5 MiB·(m−1), since every
 * part but the last has at least 5 MiB; so a part may take 256 bytes more than one stream would (its header, one more tag,
 * its entry in the manifest), and the manifest's frame and the footer 512. A and K never change.
 *
 * @see <a href="file:gateway/docs/object-format.md">object-format.md</a>
 */
public final class SizeFormula {
    /** Plaintext bytes of a segment. */
    public static final int SEGMENT = 65_536;

    /** Bytes that a segment takes beyond its plaintext. */
    public static final int TAG = 16;

    /** The least length of every part but the last. */
    public static final long MIN_PART = 5L << 20;

    /** The number of the store part that holds manifest and footer; the highest that S3 knows. */
    public static final int LAST_PART_NUMBER = 10_000;

    /** The most that a store takes in one object part or in one PUT. */
    public static final long MAX_STORE_PUT = 5L << 30;

    /** The longest plaintext that one PUT can carry: what is left of 5 GiB. */
    public static final long MAX_PUT = largestWithin(MAX_STORE_PUT);

    /** The most that S3 takes as one object. */
    private static final long MAX_OBJECT = 50L << 40;

    private static final int PER_PART = 256;
    private static final int FRAME = 512;

    private SizeFormula() {}

    /**
     * C(S).
     *
     * @throws IllegalArgumentException when S is negative or over 50 TiB
     */
    public static long storedSize(long length) {
        if (length == 0) {
            return 0;
        }
        return segmentsSize(length) + tailReserve(length);
    }

    /** The length whose stored size this is; empty when there is none. */
    public static OptionalLong plainSize(long stored) {
        if (stored == 0) {
            return OptionalLong.of(0);
        }
        if (stored < 0 || stored > storedSize(MAX_OBJECT)) {
            return OptionalLong.empty();
        }
        long length = largestWithin(stored);
        return length > 0 && storedSize(length) == stored ? OptionalLong.of(length) : OptionalLong.empty();
    }

    /** What the segments of one stream of this length take: S + 16·max(1, ⌈S/65536⌉). */
    public static long segmentsSize(long length) {
        return length + TAG * segments(length);
    }

    /** max(1, ⌈S/65536⌉): an empty stream has one segment, which proves that it ends there. */
    public static long segments(long length) {
        if (length < 0 || length > MAX_OBJECT) {
            throw new IllegalArgumentException("length " + length);
        }
        return Math.max(1, (length + SEGMENT - 1) / SEGMENT);
    }

    /** A·min(10000, ⌊S/5 MiB⌋ + 1) + K: the most that the tail of an object of this length takes. */
    public static long tailReserve(long length) {
        return PER_PART * Math.min(LAST_PART_NUMBER, length / MIN_PART + 1) + FRAME;
    }

    /** The largest S with C(S) at most {@code stored}; 0 when only the empty object is. */
    private static long largestWithin(long stored) {
        long low = 0;
        long high = Math.min(stored, MAX_OBJECT);
        while (low < high) {
            long middle = low + (high - low + 1) / 2;
            if (storedSize(middle) <= stored) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }
}

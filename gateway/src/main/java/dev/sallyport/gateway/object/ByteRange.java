package dev.sallyport.gateway.object;

import dev.sallyport.gateway.s3.S3Exception;
import org.jspecify.annotations.Nullable;

/**
 * One range of bytes that a client asked for (RFC 9110, section 14.1.2), not yet held against the object's length.
 *
 * @param first offset of the first byte; -1 for the last {@code suffix} bytes
 * @param last offset of the last byte, included; -1 for the object's end
 * @param suffix number of bytes at the end; -1 unless {@code first} is
 */
record ByteRange(long first, long last, long suffix) {
    private static final String UNIT = "bytes=";

    /** A range that lies in an object: both ends included. */
    record Resolved(long first, long last) {}

    /** Null for none, and for what is no single range: S3 then gives the whole, as the RFC allows. */
    static @Nullable ByteRange parse(@Nullable String header) {
        if (header == null || !header.regionMatches(true, 0, UNIT, 0, UNIT.length())) {
            return null;
        }
        String text = header.substring(UNIT.length()).strip();
        int dash = text.indexOf('-');
        if (dash < 0) {
            return null;
        }
        long first = number(text.substring(0, dash).strip());
        long last = number(text.substring(dash + 1).strip());
        if (first == MALFORMED || last == MALFORMED) {
            return null;
        }
        if (first < 0) {
            return last < 0 ? null : new ByteRange(-1, -1, last);
        }
        return last >= 0 && last < first ? null : new ByteRange(first, last, -1);
    }

    boolean isSuffix() {
        return first < 0;
    }

    /**
     * Holds the range against an object of {@code length} bytes.
     *
     * @throws S3Exception {@code InvalidRange} when no byte of it is there
     */
    Resolved in(long length) {
        long from = isSuffix() ? Math.max(0, length - suffix) : first;
        long to = isSuffix() || last < 0 ? length - 1 : Math.min(last, length - 1);
        if (from >= length || from > to) {
            throw new S3Exception(416, "InvalidRange", "The requested range is not satisfiable")
                    .with("RangeRequested", toString())
                    .with("ActualObjectSize", Long.toString(length));
        }
        return new Resolved(from, to);
    }

    @Override
    public String toString() {
        return UNIT + (isSuffix() ? "-" + suffix : first + "-" + (last < 0 ? "" : Long.toString(last)));
    }

    private static final long MALFORMED = -2;

    /** -1 for an empty text; {@link #MALFORMED} for no number; numbers beyond every length are the largest. */
    private static long number(String text) {
        if (text.isEmpty()) {
            return -1;
        }
        if (!text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return MALFORMED;
        }
        return text.length() > 18 ? Long.MAX_VALUE : Long.parseLong(text);
    }
}

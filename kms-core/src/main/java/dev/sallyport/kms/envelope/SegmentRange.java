package dev.sallyport.kms.envelope;

/**
 * Whole segments that hold a range of plaintext.
 *
 * @param sealedFirst offset of the first sealed byte to read
 * @param sealedLast offset of the last sealed byte to read, included
 * @param firstSegment index of the first segment
 * @param lastSegment index of the last segment, included
 * @param skip plaintext bytes of the first segment that come before the range
 * @param length plaintext bytes of the range
 */
public record SegmentRange(
        long sealedFirst, long sealedLast, long firstSegment, long lastSegment, int skip, long length) {
    public SegmentRange {
        if (sealedFirst < 0 || sealedLast < sealedFirst || firstSegment < 0 || lastSegment < firstSegment) {
            throw new IllegalArgumentException("segments " + firstSegment + "-" + lastSegment);
        }
        if (skip < 0 || skip >= SegmentLayout.SEGMENT_BYTES || length < 0) {
            throw new IllegalArgumentException("skip " + skip + " of length " + length);
        }
    }

    /** Sealed bytes to read. */
    public long sealedLength() {
        return sealedLast - sealedFirst + 1;
    }
}

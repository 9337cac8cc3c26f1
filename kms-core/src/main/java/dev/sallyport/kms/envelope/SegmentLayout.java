package dev.sallyport.kms.envelope;

import dev.sallyport.kms.crypto.AesGcm;

/**
 * The sizes and offsets of a segment stream: pure arithmetic. A stream of S bytes of plaintext has max(1, ⌈S / 65,536⌉)
 * segments, each sealed to 16 bytes more; every one but the last is full.
 */
public final class SegmentLayout {
    /** Plaintext of a full segment. */
    public static final int SEGMENT_BYTES = 65_536;

    /** What sealing adds to a segment. */
    public static final int TAG_BYTES = AesGcm.TAG_BYTES;

    /** A full segment, sealed. */
    public static final int SEALED_SEGMENT_BYTES = SEGMENT_BYTES + TAG_BYTES;

    /** Most segments of a stream: the counter of the nonce has 32 bits. */
    public static final long MAX_SEGMENTS = 1L << 32;

    /** Longest plaintext: 256 TiB. */
    public static final long MAX_PLAINTEXT = MAX_SEGMENTS * SEGMENT_BYTES;

    private SegmentLayout() {}

    /** Segments of a stream of {@code plaintextLength} bytes: at least one, which may be empty. */
    public static long segmentCount(long plaintextLength) {
        requirePlaintext(plaintextLength);
        return plaintextLength == 0 ? 1 : (plaintextLength - 1) / SEGMENT_BYTES + 1;
    }

    /** Length of the stream, sealed. */
    public static long sealedLength(long plaintextLength) {
        return plaintextLength + TAG_BYTES * segmentCount(plaintextLength);
    }

    /**
     * Length of the plaintext of a sealed stream.
     *
     * @throws IllegalArgumentException when no stream has that length
     */
    public static long plaintextLength(long sealedLength) {
        if (sealedLength >= TAG_BYTES && sealedLength <= MAX_SEGMENTS * SEALED_SEGMENT_BYTES) {
            long segments = (sealedLength - 1) / SEALED_SEGMENT_BYTES + 1;
            long plaintext = sealedLength - segments * TAG_BYTES;
            if (plaintext >= 0 && sealedLength(plaintext) == sealedLength) {
                return plaintext;
            }
        }
        throw new IllegalArgumentException("no segment stream has " + sealedLength + " bytes");
    }

    /** Plaintext bytes of segment {@code index} of a stream of {@code plaintextLength} bytes. */
    public static int segmentLength(long plaintextLength, long index) {
        long segments = segmentCount(plaintextLength);
        if (index < 0 || index >= segments) {
            throw new IllegalArgumentException("no segment " + index + " of " + segments);
        }
        return (int) Math.min(SEGMENT_BYTES, plaintextLength - index * SEGMENT_BYTES);
    }

    /** The range that is the whole stream: all of its segments, of which the only one may be empty. */
    public static SegmentRange whole(long plaintextLength) {
        return new SegmentRange(
                0, sealedLength(plaintextLength) - 1, 0, segmentCount(plaintextLength) - 1, 0, plaintextLength);
    }

    /**
     * Which sealed bytes hold the plaintext from {@code first} to {@code last}, both included, of a stream of
     * {@code plaintextLength} bytes.
     *
     * @throws IllegalArgumentException unless 0 ≤ first ≤ last &lt; plaintextLength
     */
    public static SegmentRange range(long plaintextLength, long first, long last) {
        requirePlaintext(plaintextLength);
        if (first < 0 || first > last || last >= plaintextLength) {
            throw new IllegalArgumentException("no bytes " + first + "-" + last + " of " + plaintextLength);
        }
        long firstSegment = first / SEGMENT_BYTES;
        long lastSegment = last / SEGMENT_BYTES;
        long sealedLast =
                lastSegment * SEALED_SEGMENT_BYTES + segmentLength(plaintextLength, lastSegment) + TAG_BYTES - 1;
        return new SegmentRange(
                firstSegment * SEALED_SEGMENT_BYTES,
                sealedLast,
                firstSegment,
                lastSegment,
                (int) (first % SEGMENT_BYTES),
                last - first + 1);
    }

    private static void requirePlaintext(long plaintextLength) {
        if (plaintextLength < 0 || plaintextLength > MAX_PLAINTEXT) {
            throw new IllegalArgumentException("a segment stream cannot hold " + plaintextLength + " bytes");
        }
    }
}

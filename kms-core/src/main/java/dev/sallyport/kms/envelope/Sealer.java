package dev.sallyport.kms.envelope;

import dev.sallyport.kms.crypto.AesGcm;
import dev.sallyport.kms.crypto.AesGcmCipher;
import dev.sallyport.kms.crypto.SecretBytes;

/**
 * Seals the segments of one stream, in order. Its key is derived from the data key and from {@code info}, which the caller
 * makes unique for each stream (a fresh random nonce of at least 128 bits in it), since segment nonces only count.
 * Specified in {@code docs/segment-stream.md}. For one thread at a time; closing wipes the key.
 */
public final class Sealer implements SegmentSealer {
    private final AesGcmCipher cipher;
    private final byte[] nonce = new byte[AesGcm.NONCE_BYTES];
    private long next;
    private boolean finished;

    /**
     * A sealer whose first segment has index 0.
     *
     * @param dataKey 32 bytes; the caller keeps and closes it
     * @param info what the stream is, unambiguously, and its own nonce
     */
    public Sealer(SecretBytes dataKey, byte[] info) {
        this(dataKey, info, 0);
    }

    Sealer(SecretBytes dataKey, byte[] info, long firstIndex) {
        try (SecretBytes key = SegmentKeys.streamKey(dataKey, info)) {
            cipher = AesGcmCipher.sealing(key);
        }
        next = firstIndex;
    }

    /**
     * Seals the next segment. {@code src} and {@code dst} may be the same array at the same offset.
     *
     * @param length 65,536; for the last segment 1 to 65,536, or 0 if it is also the first
     * @return {@code length} + 16, the number of bytes written
     * @throws IllegalStateException after the last segment, or beyond 2<sup>32</sup> segments
     */
    @Override
    public int seal(byte[] src, int offset, int length, boolean last, byte[] dst, int dstOffset) {
        return seal(src, offset, length, last, SegmentKeys.NO_AAD, dst, dstOffset);
    }

    /** The same with additional data that is authenticated with this segment. */
    public int seal(byte[] src, int offset, int length, boolean last, byte[] aad, byte[] dst, int dstOffset) {
        if (finished) {
            throw new IllegalStateException("the last segment is sealed already, or one failed");
        }
        if (!SegmentKeys.validLength(length, next, last)) {
            throw new IllegalArgumentException((last ? "last" : "inner") + " segment of " + length + " bytes");
        }
        SegmentKeys.nonce(nonce, next, last);
        // A failure ends the stream, so that no nonce is ever used for two plaintexts.
        finished = true;
        int written = cipher.apply(nonce, aad, src, offset, length, dst, dstOffset);
        next++;
        finished = last;
        return written;
    }

    /** Index of the segment that {@link #seal} makes next. */
    public long nextIndex() {
        return next;
    }

    @Override
    public void close() {
        finished = true;
        cipher.close();
    }
}

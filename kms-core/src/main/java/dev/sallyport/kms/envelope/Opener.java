package dev.sallyport.kms.envelope;

import dev.sallyport.kms.crypto.AesGcm;
import dev.sallyport.kms.crypto.AesGcmCipher;
import dev.sallyport.kms.crypto.AuthenticationFailedException;
import dev.sallyport.kms.crypto.SecretBytes;

/**
 * Opens segments of one stream, in any order. The caller says which segment it expects and whether it is the last: both are
 * authenticated, so that a stream that was cut, reordered or spliced does not open. Specified in
 * {@code docs/segment-stream.md}. For one thread at a time; closing wipes the key.
 */
public final class Opener implements SegmentOpener {
    private final AesGcmCipher cipher;
    private final byte[] nonce = new byte[AesGcm.NONCE_BYTES];

    /** An opener for what a {@link Sealer} with the same arguments made; the caller keeps and closes {@code dataKey}. */
    public Opener(SecretBytes dataKey, byte[] info) {
        try (SecretBytes key = SegmentKeys.streamKey(dataKey, info)) {
            cipher = AesGcmCipher.opening(key);
        }
    }

    /**
     * Opens one segment. {@code src} and {@code dst} may be the same array at the same offset.
     *
     * @param length bytes of the sealed segment, tag included
     * @return {@code length} − 16, the number of bytes written
     * @throws AuthenticationFailedException when it is not that segment, unaltered; the part of {@code dst} that the
     *     plaintext would have filled is then zeroed
     */
    @Override
    public int open(byte[] src, int offset, int length, long segmentIndex, boolean last, byte[] dst, int dstOffset) {
        return open(src, offset, length, segmentIndex, last, SegmentKeys.NO_AAD, dst, dstOffset);
    }

    /** The same with the additional data that was authenticated with this segment. */
    public int open(
            byte[] src,
            int offset,
            int length,
            long segmentIndex,
            boolean last,
            byte[] aad,
            byte[] dst,
            int dstOffset) {
        if (!SegmentKeys.validLength(length - AesGcm.TAG_BYTES, segmentIndex, last)) {
            throw new AuthenticationFailedException();
        }
        SegmentKeys.nonce(nonce, segmentIndex, last);
        return cipher.apply(nonce, aad, src, offset, length, dst, dstOffset);
    }

    @Override
    public void close() {
        cipher.close();
    }
}

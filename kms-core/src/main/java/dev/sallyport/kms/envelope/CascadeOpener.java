package dev.sallyport.kms.envelope;

import dev.sallyport.kms.crypto.AesGcm;
import dev.sallyport.kms.crypto.AesGcmCipher;
import dev.sallyport.kms.crypto.AuthenticationFailedException;
import dev.sallyport.kms.crypto.ChaCha20Poly1305;
import dev.sallyport.kms.crypto.SecretBytes;
import java.util.Arrays;

/** Opens what {@link CascadeSealer} sealed; both tags must verify. */
final class CascadeOpener implements SegmentOpener {
    private final CascadeKeys keys;
    private final AesGcmCipher inner;
    private final byte[] nonce = new byte[AesGcm.NONCE_BYTES];

    CascadeOpener(SecretBytes dataKey, byte[] info) {
        keys = new CascadeKeys(dataKey, info);
        inner = AesGcmCipher.opening(keys.inner());
    }

    @Override
    public int open(byte[] src, int offset, int length, long segmentIndex, boolean last, byte[] dst, int dstOffset) {
        if (!CascadeKeys.validLength(length - AesGcm.TAG_BYTES - ChaCha20Poly1305.TAG_BYTES, segmentIndex, last)) {
            throw new AuthenticationFailedException();
        }
        SegmentKeys.nonce(nonce, segmentIndex, last);
        byte[] once = ChaCha20Poly1305.open(
                keys.outer(), nonce, SegmentKeys.NO_AAD, Arrays.copyOfRange(src, offset, offset + length));
        return inner.apply(nonce, SegmentKeys.NO_AAD, once, 0, once.length, dst, dstOffset);
    }

    @Override
    public void close() {
        inner.close();
        keys.close();
    }
}

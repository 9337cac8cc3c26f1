package dev.sallyport.kms.envelope;

import dev.sallyport.kms.crypto.AesGcm;
import dev.sallyport.kms.crypto.AesGcmCipher;
import dev.sallyport.kms.crypto.ChaCha20Poly1305;
import dev.sallyport.kms.crypto.SecretBytes;

/** Seals segments twice, AES-256-GCM inside ChaCha20-Poly1305: plan 2 of {@code docs/segment-stream.md}. */
final class CascadeSealer implements SegmentSealer {
    private final CascadeKeys keys;
    private final AesGcmCipher inner;
    private final byte[] nonce = new byte[AesGcm.NONCE_BYTES];
    private long next;
    private boolean finished;

    CascadeSealer(SecretBytes dataKey, byte[] info) {
        keys = new CascadeKeys(dataKey, info);
        inner = AesGcmCipher.sealing(keys.inner());
    }

    @Override
    public int seal(byte[] src, int offset, int length, boolean last, byte[] dst, int dstOffset) {
        if (finished) {
            throw new IllegalStateException("the last segment is sealed already, or one failed");
        }
        if (!CascadeKeys.validLength(length, next, last)) {
            throw new IllegalArgumentException((last ? "last" : "inner") + " segment of " + length + " bytes");
        }
        SegmentKeys.nonce(nonce, next, last);
        // A failure ends the stream, so that no nonce is ever used for two plaintexts.
        finished = true;
        byte[] once = new byte[length + AesGcm.TAG_BYTES];
        inner.apply(nonce, SegmentKeys.NO_AAD, src, offset, length, once, 0);
        byte[] twice = ChaCha20Poly1305.seal(keys.outer(), nonce, SegmentKeys.NO_AAD, once);
        System.arraycopy(twice, 0, dst, dstOffset, twice.length);
        next++;
        finished = last;
        return twice.length;
    }

    @Override
    public void close() {
        finished = true;
        inner.close();
        keys.close();
    }
}

package dev.sallyport.kms.envelope;

import dev.sallyport.kms.crypto.AesGcm;
import dev.sallyport.kms.crypto.ChaCha20Poly1305;
import dev.sallyport.kms.crypto.Kbkdf;
import dev.sallyport.kms.crypto.SecretBytes;
import java.nio.charset.StandardCharsets;

/** The two independent keys of a cascade, from one derivation, and the lengths of its segments. */
final class CascadeKeys implements AutoCloseable {
    /** Plaintext of a full segment. */
    static final int SEGMENT_BYTES = 131_072;

    private static final byte[] LABEL = "sallyport/v1/segment-cascade".getBytes(StandardCharsets.US_ASCII);

    private final SecretBytes inner;
    private final SecretBytes outer;

    CascadeKeys(SecretBytes dataKey, byte[] info) {
        if (dataKey.length() != AesGcm.KEY_BYTES) {
            throw new IllegalArgumentException("a data key has 32 bytes, not " + dataKey.length());
        }
        try (SecretBytes both =
                Kbkdf.counterHmacSha256(dataKey, LABEL, info, AesGcm.KEY_BYTES + ChaCha20Poly1305.KEY_BYTES)) {
            inner = both.slice(0, AesGcm.KEY_BYTES);
            outer = both.slice(AesGcm.KEY_BYTES, ChaCha20Poly1305.KEY_BYTES);
        }
    }

    /** Of AES-256-GCM. */
    SecretBytes inner() {
        return inner;
    }

    /** Of ChaCha20-Poly1305. */
    SecretBytes outer() {
        return outer;
    }

    /** Whether a segment may have that many bytes of plaintext. */
    static boolean validLength(int length, long index, boolean last) {
        if (!last) {
            return length == SEGMENT_BYTES;
        }
        return length <= SEGMENT_BYTES && (length > 0 || (length == 0 && index == 0));
    }

    @Override
    public void close() {
        inner.close();
        outer.close();
    }
}

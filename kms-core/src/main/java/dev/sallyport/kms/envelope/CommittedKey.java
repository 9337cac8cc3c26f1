package dev.sallyport.kms.envelope;

import dev.sallyport.kms.crypto.AuthenticationFailedException;
import dev.sallyport.kms.crypto.ConstantTime;
import dev.sallyport.kms.crypto.Kbkdf;
import dev.sallyport.kms.crypto.SecretBytes;
import java.nio.charset.StandardCharsets;

/**
 * The commitment to a data key: 32 bytes that may be public, and that no second key has. AES-GCM alone does not give that:
 * a ciphertext can be made to open under two keys.
 */
public final class CommittedKey {
    /** Length of a commitment. */
    public static final int COMMITMENT_BYTES = 32;

    private static final byte[] LABEL = "sallyport/v1/data-key-commitment".getBytes(StandardCharsets.US_ASCII);

    private CommittedKey() {}

    /** The commitment to {@code dataKey}, a key of 32 bytes. */
    public static byte[] commitment(SecretBytes dataKey) {
        if (dataKey.length() != 32) {
            throw new IllegalArgumentException("a data key has 32 bytes, not " + dataKey.length());
        }
        try (SecretBytes commitment = Kbkdf.counterHmacSha256(dataKey, LABEL, new byte[0], COMMITMENT_BYTES)) {
            return commitment.exposeCopy();
        }
    }

    /**
     * Checks, in constant time and before anything is opened with it, that {@code dataKey} is the one committed to.
     *
     * @throws AuthenticationFailedException when it is not
     */
    public static void verify(SecretBytes dataKey, byte[] commitment) {
        if (dataKey.length() != 32 || !ConstantTime.equals(commitment(dataKey), commitment)) {
            throw new AuthenticationFailedException();
        }
    }
}

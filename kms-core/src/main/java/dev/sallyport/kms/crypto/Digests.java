package dev.sallyport.kms.crypto;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;

/** Hashes (FIPS 180-4). */
public final class Digests {
    /** Length of a SHA-256 digest. */
    public static final int SHA256_BYTES = 32;

    private Digests() {}

    /** SHA-256 of the parts one after another. */
    public static byte[] sha256(byte[]... parts) {
        MessageDigest digest = newSha256();
        for (byte[] part : parts) {
            digest.update(part);
        }
        return digest.digest();
    }

    /** A running SHA-256 of the chosen provider, for one thread. */
    public static MessageDigest newSha256() {
        try {
            return Providers.current().digest("SHA-256");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("SHA-256 is not available", e);
        }
    }
}

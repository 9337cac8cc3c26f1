package dev.sallyport.kms.crypto;

import java.security.GeneralSecurityException;
import javax.crypto.Mac;

/** HMAC-SHA-256 (RFC 2104, FIPS 198-1). */
public final class Hmac {
    /** Length of a tag. */
    public static final int SHA256_BYTES = 32;

    private Hmac() {}

    /** The tag of the parts one after another: their bounds are not authenticated, so callers give each its length. */
    public static byte[] sha256(SecretBytes key, byte[]... parts) {
        try (RawKey raw = new RawKey("HmacSHA256", key.exposeCopy())) {
            Mac mac = mac(raw);
            for (byte[] part : parts) {
                mac.update(part);
            }
            return mac.doFinal();
        }
    }

    /** Whether {@code tag} is the tag of the parts, compared in constant time. */
    public static boolean verifySha256(SecretBytes key, byte[] tag, byte[]... parts) {
        return ConstantTime.equals(tag, sha256(key, parts));
    }

    static Mac mac(RawKey key) {
        try {
            Mac mac = Providers.current().mac("HmacSHA256");
            mac.init(key);
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HMAC-SHA-256 failed", e);
        }
    }
}

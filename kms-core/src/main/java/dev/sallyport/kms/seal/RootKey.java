package dev.sallyport.kms.seal;

import dev.sallyport.kms.crypto.Kbkdf;
import dev.sallyport.kms.crypto.SecretBytes;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * The 256-bit key at the top of a key store. Nothing is encrypted under it directly: every use derives a key of its own by
 * KBKDF in counter mode with HMAC-SHA-256 (NIST SP 800-108r1, section 4.1), with the fixed information label ‖ 0x00 ‖
 * context ‖ length in bits (32 bits).
 */
public final class RootKey implements AutoCloseable {
    /** Length in bytes. */
    public static final int LENGTH = 32;

    private final SecretBytes key;

    private RootKey(SecretBytes key) {
        if (key.length() != LENGTH) {
            throw new IllegalArgumentException("a root key has 32 bytes");
        }
        this.key = key;
    }

    /** A fresh random one. */
    public static RootKey generate() {
        return new RootKey(SecretBytes.random(LENGTH));
    }

    /** Takes {@code key} over: closed with the root key. */
    static RootKey of(SecretBytes key) {
        return new RootKey(key);
    }

    /**
     * A key for one purpose.
     *
     * @param purpose the label: printable ASCII, never secret
     * @param context what tells the keys of one purpose apart; may be empty
     * @param length in bytes
     */
    public SecretBytes derive(String purpose, byte[] context, int length) {
        return derive(key, purpose, context, length);
    }

    /** The key under which the material of a region's KMS keys is sealed; the same at every call. */
    public SecretBytes domainKey(String region) {
        return derive("sallyport/domain/v1", region.getBytes(StandardCharsets.UTF_8), LENGTH);
    }

    /** A name for this root key that tells nothing of it: sixteen hexadecimal digits. */
    public String id() {
        try (SecretBytes id = derive("sallyport/root-id/v1", new byte[0], 8)) {
            return id.use(bytes -> HexFormat.of().formatHex(bytes));
        }
    }

    static SecretBytes derive(SecretBytes key, String purpose, byte[] context, int length) {
        return Kbkdf.counterHmacSha256(key, purpose.getBytes(StandardCharsets.US_ASCII), context, length);
    }

    /** The raw key, to be wrapped by a seal. */
    SecretBytes secret() {
        return key;
    }

    @Override
    public void close() {
        key.close();
    }

    @Override
    public String toString() {
        return "RootKey[redacted]";
    }
}

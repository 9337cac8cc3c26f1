package dev.sallyport.kms.crypto;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;

/** Secure random bytes, from the generator of the chosen provider. */
public final class RandomBytes {
    private static final SecureRandom RANDOM = generator();

    private RandomBytes() {}

    /** {@code length} random bytes. */
    public static byte[] of(int length) {
        byte[] bytes = new byte[length];
        RANDOM.nextBytes(bytes);
        return bytes;
    }

    /** Fills {@code bytes}. */
    public static void fill(byte[] bytes) {
        RANDOM.nextBytes(bytes);
    }

    /** The generator itself, for APIs that ask for one; safe for use by several threads. */
    public static SecureRandom secureRandom() {
        return RANDOM;
    }

    private static SecureRandom generator() {
        try {
            return Providers.current().secureRandom();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("no secure random generator", e);
        }
    }
}

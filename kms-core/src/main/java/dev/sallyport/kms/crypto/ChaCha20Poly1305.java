package dev.sallyport.kms.crypto;

import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;

/** ChaCha20-Poly1305 in one shot (RFC 8439): 256-bit key, 96-bit nonce, and a 128-bit tag that follows the ciphertext. */
public final class ChaCha20Poly1305 {
    /** Length of a key. */
    public static final int KEY_BYTES = 32;

    /** Length of a nonce. */
    public static final int NONCE_BYTES = 12;

    /** Length of a tag: what sealing adds. */
    public static final int TAG_BYTES = 16;

    private ChaCha20Poly1305() {}

    /** Ciphertext and tag of {@code plaintext}; the nonce must never repeat under one key. */
    public static byte[] seal(SecretBytes key, byte[] nonce, byte[] aad, byte[] plaintext) {
        try {
            return apply(Cipher.ENCRYPT_MODE, key, nonce, aad, plaintext);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("ChaCha20-Poly1305 failed", e);
        }
    }

    /**
     * The plaintext of {@code sealed}.
     *
     * @throws AuthenticationFailedException when it was not sealed with this key, nonce and {@code aad}
     */
    public static byte[] open(SecretBytes key, byte[] nonce, byte[] aad, byte[] sealed) {
        if (sealed.length < TAG_BYTES) {
            throw new AuthenticationFailedException();
        }
        try {
            return apply(Cipher.DECRYPT_MODE, key, nonce, aad, sealed);
        } catch (AEADBadTagException e) {
            throw new AuthenticationFailedException();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("ChaCha20-Poly1305 failed", e);
        }
    }

    private static byte[] apply(int mode, SecretBytes key, byte[] nonce, byte[] aad, byte[] input)
            throws GeneralSecurityException {
        if (key.length() != KEY_BYTES || nonce.length != NONCE_BYTES) {
            throw new IllegalArgumentException("ChaCha20-Poly1305 takes a key of 32 bytes and a nonce of 12");
        }
        try (RawKey raw = new RawKey("ChaCha20", key.exposeCopy())) {
            Cipher cipher = Providers.current().cipher("ChaCha20-Poly1305");
            cipher.init(mode, raw, new IvParameterSpec(nonce));
            cipher.updateAAD(aad);
            return cipher.doFinal(input);
        }
    }
}

package dev.sallyport.kms.crypto;

/**
 * AES-256-GCM in one shot, with a 96-bit nonce and a 128-bit tag that follows the ciphertext (NIST SP 800-38D). A nonce must
 * never repeat under one key: callers take a fresh key, a counter, or at most 2<sup>32</sup> random nonces.
 */
public final class AesGcm {
    /** Length of a key. */
    public static final int KEY_BYTES = 32;

    /** Length of a nonce. */
    public static final int NONCE_BYTES = 12;

    /** Length of a tag: what sealing adds. */
    public static final int TAG_BYTES = 16;

    private AesGcm() {}

    /** Ciphertext and tag of {@code plaintext}. */
    public static byte[] seal(SecretBytes key, byte[] nonce, byte[] aad, byte[] plaintext) {
        byte[] sealed = new byte[Math.addExact(plaintext.length, TAG_BYTES)];
        try (AesGcmCipher cipher = AesGcmCipher.sealing(key)) {
            cipher.apply(nonce, aad, plaintext, 0, plaintext.length, sealed, 0);
        }
        return sealed;
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
        byte[] plaintext = new byte[sealed.length - TAG_BYTES];
        try (AesGcmCipher cipher = AesGcmCipher.opening(key)) {
            cipher.apply(nonce, aad, sealed, 0, sealed.length, plaintext, 0);
        }
        return plaintext;
    }
}

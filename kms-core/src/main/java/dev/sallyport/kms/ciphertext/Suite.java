package dev.sallyport.kms.ciphertext;

/**
 * How a blob is sealed: its sixth byte. Reserved and refused until they are specified: 0x02, the cascade of AES-256-GCM
 * inside ChaCha20-Poly1305; 0x10, keys inside a PKCS#11 HSM (origin {@code AWS_CLOUDHSM}); 0x11, keys of an external key
 * store. Asymmetric keys have no suite: their ciphertexts are bare, as on AWS.
 */
enum Suite {
    /** A key per message by KBKDF with HMAC-SHA-256; AES-256-GCM; a 32-byte commitment to the key. */
    AES_256_GCM_COMMITTED((byte) 0x01);

    private final byte code;

    Suite(byte code) {
        this.code = code;
    }

    byte code() {
        return code;
    }
}

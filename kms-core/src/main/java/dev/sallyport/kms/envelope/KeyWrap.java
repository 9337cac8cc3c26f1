package dev.sallyport.kms.envelope;

import java.nio.charset.StandardCharsets;

/** A data key, or a share of one, wrapped under one master key. A class and no record, since it holds an array. */
public final class KeyWrap {
    /** The provider of keys of a KMS: the id is the key's ARN, the bytes are its ciphertext blob. */
    public static final int KMS = 1;

    /** The provider of local key files: the id is the key's fingerprint, the bytes are a ciphertext blob. */
    public static final int KEY_FILE = 2;

    /** The first of the numbers, up to 255, that applications take for providers of their own. */
    public static final int FIRST_OF_APPLICATIONS = 128;

    /** Longest id of a key, in bytes: that of an ARN. */
    public static final int MAX_KEY_ID = 2_048;

    /** Longest wrapped key, in bytes: that of a ciphertext blob. */
    public static final int MAX_BYTES = 6_144;

    private final int provider;
    private final String keyId;
    private final byte[] bytes;

    /**
     * @param provider {@link #KMS}, {@link #KEY_FILE}, or 128 to 255
     * @param keyId 1 to 2,048 printable ASCII characters without blanks: what the key is found by, and what people see
     * @param bytes 1 to 6,144
     */
    public KeyWrap(int provider, String keyId, byte[] bytes) {
        if (provider != KMS && provider != KEY_FILE && (provider < FIRST_OF_APPLICATIONS || provider > 255)) {
            throw new IllegalArgumentException("there is no provider " + provider + " of master keys");
        }
        byte[] id = keyId.getBytes(StandardCharsets.UTF_8);
        if (id.length < 1 || id.length > MAX_KEY_ID) {
            throw new IllegalArgumentException("a master key's id has 1 to 2048 characters");
        }
        for (byte b : id) {
            if (b < 0x21 || b > 0x7e) {
                throw new IllegalArgumentException("a master key's id is printable ASCII");
            }
        }
        if (bytes.length < 1 || bytes.length > MAX_BYTES) {
            throw new IllegalArgumentException("a wrapped key has 1 to 6144 bytes, not " + bytes.length);
        }
        this.provider = provider;
        this.keyId = keyId;
        this.bytes = bytes.clone();
    }

    public int provider() {
        return provider;
    }

    /** The provider in words, for people. */
    public String providerName() {
        return switch (provider) {
            case KMS -> "kms";
            case KEY_FILE -> "key-file";
            default -> "application-" + provider;
        };
    }

    public String keyId() {
        return keyId;
    }

    public byte[] bytes() {
        return bytes.clone();
    }
}

package dev.sallyport.kms.seal;

/** The kinds of seals that this version makes and opens. */
public enum SealType {
    /** Argon2id over a passphrase. */
    PASSPHRASE("passphrase"),
    /** 32 random bytes in a file. */
    KEY_FILE("key-file");

    private final String wireName;

    SealType(String wireName) {
        this.wireName = wireName;
    }

    /** The name in the file of seals. */
    public String wireName() {
        return wireName;
    }
}

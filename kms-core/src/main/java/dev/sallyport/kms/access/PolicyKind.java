package dev.sallyport.kms.access;

/** What a policy document is attached to, which decides its elements and its largest size. */
public enum PolicyKind {
    /** Attached to a principal: no Principal element. */
    IDENTITY(6_144),
    /** The policy of a KMS key. */
    KEY(32_768),
    /** The policy of a bucket. */
    BUCKET(20_480);

    private final int maxBytes;

    PolicyKind(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** The largest document in bytes of UTF-8, as AWS limits it. */
    public int maxBytes() {
        return maxBytes;
    }
}

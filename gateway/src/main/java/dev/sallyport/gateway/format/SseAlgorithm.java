package dev.sallyport.gateway.format;

import org.jspecify.annotations.Nullable;

/** The server-side encryption that an object was promised, and that its answers name. */
public enum SseAlgorithm {
    /** Keys of the installation, no KMS key that the client names. */
    AES256(1, "AES256"),
    KMS(2, "aws:kms"),
    DSSE(3, "aws:kms:dsse"),
    /** The client's own key: SSE-C. */
    CUSTOMER(4, "AES256");

    private final int code;
    private final String wireName;

    SseAlgorithm(int code, String wireName) {
        this.code = code;
        this.wireName = wireName;
    }

    /** The algorithm's number in the format. */
    public int code() {
        return code;
    }

    /** The value of its header. */
    public String wireName() {
        return wireName;
    }

    static @Nullable SseAlgorithm ofCode(int code) {
        for (SseAlgorithm algorithm : values()) {
            if (algorithm.code == code) {
                return algorithm;
            }
        }
        return null;
    }
}

package dev.sallyport.gateway.format;

import org.jspecify.annotations.Nullable;

/**
 * How the segments of an object are sealed. Numbers 2 (AES-256-GCM inside ChaCha20-Poly1305, 128 KiB segments: DSSE) and 3
 * (the client's own key: SSE-C) are set aside.
 */
public enum Plan {
    /** AES-256-GCM, segments of 64 KiB, one data key from a KMS. */
    AES_256_GCM(1);

    private final int code;

    Plan(int code) {
        this.code = code;
    }

    /** The plan's number in the format. */
    public int code() {
        return code;
    }

    static @Nullable Plan ofCode(int code) {
        return code == AES_256_GCM.code ? AES_256_GCM : null;
    }
}

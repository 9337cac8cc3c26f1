package dev.sallyport.gateway.http;

import org.jspecify.annotations.Nullable;

/**
 * What those who handle a request learn of it and the access log and the metrics show. Written by the handler's thread, read
 * when the answer is through.
 */
public final class RequestNotes {
    private volatile @Nullable String operation;
    private volatile @Nullable String principal;
    private volatile @Nullable String bucket;
    private volatile @Nullable String key;
    private volatile @Nullable String errorCode;

    /** Such as {@code PutObject} or {@code kms:Decrypt}; of a bounded set, since it labels metrics. */
    public void operation(String value) {
        operation = value;
    }

    /** ARN of the authenticated caller. */
    public void principal(String value) {
        principal = value;
    }

    public void bucket(@Nullable String value) {
        bucket = value;
    }

    public void key(@Nullable String value) {
        key = value;
    }

    /** The S3 or KMS error code that the client was told. */
    public void errorCode(String value) {
        errorCode = value;
    }

    public @Nullable String operation() {
        return operation;
    }

    public @Nullable String principal() {
        return principal;
    }

    public @Nullable String bucket() {
        return bucket;
    }

    public @Nullable String key() {
        return key;
    }

    public @Nullable String errorCode() {
        return errorCode;
    }
}

package dev.sallyport.gateway.s3;

import org.jspecify.annotations.Nullable;

/**
 * The encryption headers of a write as they were sent, not yet validated.
 *
 * @param algorithm {@code x-amz-server-side-encryption}
 * @param keyId {@code x-amz-server-side-encryption-aws-kms-key-id}
 * @param context {@code x-amz-server-side-encryption-context}
 * @param bucketKeyEnabled {@code x-amz-server-side-encryption-bucket-key-enabled}
 * @param customer whether any header of SSE-C ({@code …-customer-…}) was sent
 */
public record SseHeaders(
        @Nullable String algorithm,
        @Nullable String keyId,
        @Nullable String context,
        @Nullable String bucketKeyEnabled,
        boolean customer) {
    public static final SseHeaders NONE = new SseHeaders(null, null, null, null, false);

    /** Whether none was sent, so that the bucket's default decides. */
    public boolean isEmpty() {
        return algorithm == null && keyId == null && context == null && bucketKeyEnabled == null && !customer;
    }
}

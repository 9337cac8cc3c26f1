package dev.sallyport.gateway.sse;

import org.jspecify.annotations.Nullable;

/** A bucket's rule for objects whose write names no encryption. */
@FunctionalInterface
public interface DefaultEncryption {
    /** The AWS-managed key, which is used where nothing names another. */
    String MANAGED_KEY = "alias/aws/s3";

    /** The rule of a bucket; {@link Rule#INSTALLATION} when it has none. */
    Rule of(String bucket);

    /**
     * @param keyId key id, ARN or alias, as it was put; null for {@link #MANAGED_KEY}
     * @param bucketKey whether bucket keys are used where a write does not say
     */
    record Rule(@Nullable String keyId, boolean bucketKey) {
        /** What holds where nothing was put: {@code aws:kms} under the managed key. */
        public static final Rule INSTALLATION = new Rule(null, false);
    }
}

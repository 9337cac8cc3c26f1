package dev.sallyport.gateway.service;

import dev.sallyport.kms.access.PolicyDocument;
import org.jspecify.annotations.Nullable;

/** Where the policies of buckets are found. */
@FunctionalInterface
public interface BucketPolicies {
    /** For an installation whose buckets have none. */
    BucketPolicies NONE = bucket -> null;

    /** Null when the bucket has none. */
    @Nullable PolicyDocument of(String bucket);
}

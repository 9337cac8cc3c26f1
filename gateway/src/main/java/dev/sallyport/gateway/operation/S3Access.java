package dev.sallyport.gateway.operation;

import dev.sallyport.gateway.s3.S3Exception;
import org.jspecify.annotations.Nullable;

/** Decides single actions, for operations that need more than their request says: a list of keys in a body. */
@FunctionalInterface
public interface S3Access {
    /**
     * @param action such as {@code s3:DeleteObject}
     * @param key null for the bucket itself
     * @return the error that the client sees; null when the action is allowed
     */
    @Nullable S3Exception denial(S3Call call, String action, String bucket, @Nullable String key);
}

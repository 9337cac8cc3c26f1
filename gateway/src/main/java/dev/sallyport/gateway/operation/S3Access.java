package dev.sallyport.gateway.operation;

import dev.sallyport.gateway.s3.S3Exception;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Decides single actions, for operations that need more than their request says: a list of keys in a body. */
@FunctionalInterface
public interface S3Access {
    /**
     * @param action such as {@code s3:DeleteObject}
     * @param key null for the bucket itself
     * @param conditions condition keys that only the body tells, beside those of every request
     * @return the error that the client sees; null when the action is allowed
     */
    @Nullable S3Exception denial(S3Call call, String action, String bucket, @Nullable String key, Map<String, String> conditions);

    /** The same, without further condition keys. */
    default @Nullable S3Exception denial(S3Call call, String action, String bucket, @Nullable String key) {
        return denial(call, action, bucket, key, Map.of());
    }
}

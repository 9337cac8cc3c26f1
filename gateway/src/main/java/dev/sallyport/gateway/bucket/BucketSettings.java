package dev.sallyport.gateway.bucket;

import dev.sallyport.gateway.sse.DefaultEncryption;
import org.jspecify.annotations.Nullable;

/**
 * What is set for a bucket.
 *
 * @param encryption null when none was put
 * @param mode null when the configuration's default holds
 */
public record BucketSettings(
        DefaultEncryption.@Nullable Rule encryption,
        @Nullable BucketMode mode) {
    static final BucketSettings NONE = new BucketSettings(null, null);

    BucketSettings withEncryption(DefaultEncryption.@Nullable Rule rule) {
        return new BucketSettings(rule, mode);
    }

    BucketSettings withMode(@Nullable BucketMode newMode) {
        return new BucketSettings(encryption, newMode);
    }
}

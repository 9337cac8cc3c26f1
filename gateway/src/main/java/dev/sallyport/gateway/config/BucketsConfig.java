package dev.sallyport.gateway.config;

import dev.sallyport.gateway.bucket.BucketMode;
import java.util.HashSet;
import java.util.Map;

/**
 * What the gateway knows of buckets beside their own settings.
 *
 * @param defaultMode of buckets that have none set
 * @param names the gateway's name of a bucket to the store's
 */
public record BucketsConfig(BucketMode defaultMode, Map<String, String> names) {
    public BucketsConfig {
        names = Map.copyOf(names);
        if (new HashSet<>(names.values()).size() != names.size()) {
            throw new IllegalArgumentException("two buckets may not be the same one at the store");
        }
    }
}

package dev.sallyport.gateway.bucket;

import dev.sallyport.gateway.s3.S3Errors;
import dev.sallyport.gateway.s3.S3Exception;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The gateway's names of buckets and the store's. They are the same but for those that the configuration maps. A store's
 * bucket that has another name here, or is the gateway's own, is not reached by its own name: one bucket has one name, since
 * the name is bound into its objects' keys.
 */
public final class BucketNames {
    private final Map<String, String> toStore;
    private final Map<String, String> toGateway = new LinkedHashMap<>();
    private final Set<String> reserved;

    /**
     * @param mapped from the gateway's name to the store's
     * @param reserved the store's names of buckets that no client sees (the staging bucket)
     */
    public BucketNames(Map<String, String> mapped, Set<String> reserved) {
        this.toStore = Map.copyOf(mapped);
        this.reserved = Set.copyOf(reserved);
        mapped.forEach((gateway, store) -> {
            if (toGateway.put(store, gateway) != null || reserved.contains(store)) {
                throw new IllegalArgumentException("two names for the bucket " + store + " of the store");
            }
        });
    }

    /** @throws S3Exception {@code NoSuchBucket} for a name that is not to be reached */
    public String toStore(String bucket) {
        String mapped = toStore.get(bucket);
        if (mapped != null) {
            return mapped;
        }
        if (!isFree(bucket)) {
            throw S3Errors.noSuchBucket(bucket);
        }
        return bucket;
    }

    /** Whether a bucket of this name could be made. */
    boolean isFree(String bucket) {
        return toStore.containsKey(bucket) || !(reserved.contains(bucket) || toGateway.containsKey(bucket));
    }

    /** Null for a bucket that no client sees. */
    public @Nullable String toGateway(String storeBucket) {
        String name = toGateway.get(storeBucket);
        if (name != null) {
            return name;
        }
        return reserved.contains(storeBucket) || toStore.containsKey(storeBucket) ? null : storeBucket;
    }
}

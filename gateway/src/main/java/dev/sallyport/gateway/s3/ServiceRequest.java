package dev.sallyport.gateway.s3;

import org.jspecify.annotations.Nullable;

/** A request on the account. */
public sealed interface ServiceRequest extends S3Request {
    /**
     * @param maxBuckets 1 to 10,000; null for all
     * @param continuationToken of the answer before; null for the first page
     * @param prefix of the names; null for all
     * @param bucketRegion only buckets of this region; null for all
     */
    record ListBuckets(
            @Nullable Integer maxBuckets,
            @Nullable String continuationToken,
            @Nullable String prefix,
            @Nullable String bucketRegion)
            implements ServiceRequest {}
}

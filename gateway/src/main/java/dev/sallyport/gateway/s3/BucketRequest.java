package dev.sallyport.gateway.s3;

import org.jspecify.annotations.Nullable;

/** A request on a bucket. */
public sealed interface BucketRequest extends S3Request {
    String bucket();

    record CreateBucket(String bucket) implements BucketRequest {}

    record HeadBucket(String bucket) implements BucketRequest {}

    record DeleteBucket(String bucket) implements BucketRequest {}

    record GetBucketLocation(String bucket) implements BucketRequest {}

    record GetBucketEncryption(String bucket) implements BucketRequest {}

    record PutBucketEncryption(String bucket, PayloadDigests digests) implements BucketRequest {}

    record DeleteBucketEncryption(String bucket) implements BucketRequest {}

    /** The keys to delete are in the body. */
    record DeleteObjects(String bucket, PayloadDigests digests) implements BucketRequest {}

    /**
     * Version 1 of the listing.
     *
     * @param marker where to go on, exclusive; null from the start
     * @param page what both versions share
     */
    record ListObjects(String bucket, @Nullable String marker, ListPage page) implements BucketRequest {}

    /**
     * Version 2 of the listing.
     *
     * @param continuationToken of the answer before; null for the first page
     * @param startAfter where to begin, exclusive; null from the start
     * @param fetchOwner whether entries name their owner
     * @param page what both versions share
     */
    record ListObjectsV2(
            String bucket,
            @Nullable String continuationToken,
            @Nullable String startAfter,
            boolean fetchOwner,
            ListPage page)
            implements BucketRequest {}
}

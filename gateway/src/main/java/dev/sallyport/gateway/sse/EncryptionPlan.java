package dev.sallyport.gateway.sse;

import dev.sallyport.gateway.s3.S3Arn;
import dev.sallyport.kms.EncryptionContext;

/**
 * How a new object is to be encrypted: {@code aws:kms}, under this key.
 *
 * @param keyId as the request or the bucket's default names it: key id, ARN or alias
 * @param context the client's pairs, without {@code aws:s3:arn}
 * @param bucketKey whether the data key is wrapped under a bucket key
 */
public record EncryptionPlan(String keyId, EncryptionContext context, boolean bucketKey) {
    /** The pair that S3 adds to every context. */
    public static final String ARN_PAIR = "aws:s3:arn";

    /** The context for the KMS: the client's pairs, and the ARN of the object, or of the bucket with a bucket key. */
    public EncryptionContext kmsContext(String bucket, String key) {
        return kmsContext(context, bucketKey, bucket, key);
    }

    /** The same for an object that is there. */
    public static EncryptionContext kmsContext(
            EncryptionContext context, boolean bucketKey, String bucket, String key) {
        return context.with(ARN_PAIR, bucketKey ? S3Arn.bucket(bucket) : S3Arn.object(bucket, key));
    }
}

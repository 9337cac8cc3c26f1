package dev.sallyport.gateway.s3;

/** ARNs of buckets and objects, by the gateway's names. */
public final class S3Arn {
    private static final String PREFIX = "arn:aws:s3:::";

    private S3Arn() {}

    public static String bucket(String bucket) {
        return PREFIX + bucket;
    }

    public static String object(String bucket, String key) {
        return PREFIX + bucket + "/" + key;
    }
}

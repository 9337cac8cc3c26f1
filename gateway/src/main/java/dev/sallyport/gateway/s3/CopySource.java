package dev.sallyport.gateway.s3;

/**
 * The source of a copy.
 *
 * @param bucket the gateway's name of the bucket
 * @param key decoded
 * @param conditions of {@code x-amz-copy-source-if-*}
 */
public record CopySource(String bucket, String key, ReadConditions conditions) {}

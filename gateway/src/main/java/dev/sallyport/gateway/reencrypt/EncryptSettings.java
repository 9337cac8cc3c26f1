package dev.sallyport.gateway.reencrypt;

/**
 * What is to be encrypted, and how.
 *
 * @param prefix of the keys; empty for all
 * @param keyArn ARN of the KMS key; an object that is under it already is left alone
 * @param bucketKey whether data keys are wrapped under a bucket key
 * @param concurrency objects at a time, 1 to 64
 */
public record EncryptSettings(String bucket, String prefix, String keyArn, boolean bucketKey, int concurrency) {
    public EncryptSettings {
        if (concurrency < 1 || concurrency > 64) {
            throw new IllegalArgumentException("1 to 64 objects at a time");
        }
    }
}

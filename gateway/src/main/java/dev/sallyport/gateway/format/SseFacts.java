package dev.sallyport.gateway.format;

import dev.sallyport.kms.EncryptionContext;

/**
 * The encryption that an object was promised: what its answers name, and what a read needs to open its key.
 *
 * @param algorithm as the client asked, or the bucket's default
 * @param keyArn ARN of the KMS key
 * @param context the client's pairs, without {@code aws:s3:arn}
 * @param bucketKey whether the data key is wrapped under a bucket key
 */
public record SseFacts(SseAlgorithm algorithm, String keyArn, EncryptionContext context, boolean bucketKey) {
    /**
     * The most that a client's encryption context takes: for each pair the UTF-8 bytes of key and value and four more. Its
     * pairs lie in the object's metadata, of which clients keep at least 1,024 bytes.
     */
    public static final int MAX_CONTEXT = 192;

    /** The longest ARN of a key. */
    public static final int MAX_KEY_ARN = 128;

    /** Bytes that a context takes. */
    public static int contextLength(EncryptionContext context) {
        // The canonical form counts four bytes for the number of pairs and eight for each pair's lengths.
        return context.canonicalBytes().length - 4 - 4 * context.pairs().size();
    }
}

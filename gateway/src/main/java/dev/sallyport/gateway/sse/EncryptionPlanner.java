package dev.sallyport.gateway.sse;

import dev.sallyport.gateway.format.SseFacts;
import dev.sallyport.gateway.s3.S3Arn;
import dev.sallyport.gateway.s3.S3Errors;
import dev.sallyport.gateway.s3.S3Exception;
import dev.sallyport.gateway.s3.SseHeaders;
import dev.sallyport.kms.EncryptionContext;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Decides the encryption of a write: by its headers, else by its bucket's default, else {@code aws:kms} under the
 * installation's key.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/specifying-kms-encryption.html">S3: SSE-KMS</a>
 */
public final class EncryptionPlanner {
    private static final String ALGORITHM = "x-amz-server-side-encryption";
    private static final String CONTEXT = ALGORITHM + "-context";
    private static final String BUCKET_KEY = ALGORITHM + "-bucket-key-enabled";
    private static final String KMS = "aws:kms";

    private final DefaultEncryption defaults;
    private final String installationKey;

    /** With the managed key where nothing names another. */
    public EncryptionPlanner(DefaultEncryption defaults) {
        this(defaults, DefaultEncryption.MANAGED_KEY);
    }

    /** @param installationKey used where neither request nor bucket names a key */
    public EncryptionPlanner(DefaultEncryption defaults, String installationKey) {
        this.defaults = defaults;
        this.installationKey = installationKey;
    }

    /**
     * The encryption of an object that is about to be written.
     *
     * @throws S3Exception for headers that contradict each other, or name an encryption that is not implemented
     */
    public EncryptionPlan plan(SseHeaders headers, String bucket, String key) {
        String algorithm = headers.algorithm();
        refuseOtherModes(headers, algorithm);
        String keyId = blankToNull(headers.keyId());
        if (algorithm == null && (keyId != null || headers.context() != null)) {
            throw S3Errors.invalidArgument(
                    "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms",
                    ALGORITHM,
                    null);
        }
        Boolean bucketKey = bucketKey(headers.bucketKeyEnabled());
        if (algorithm == null) {
            DefaultEncryption.Rule rule = defaults.of(bucket);
            return new EncryptionPlan(
                    orInstallation(rule.keyId()),
                    EncryptionContext.EMPTY,
                    bucketKey == null ? rule.bucketKey() : bucketKey);
        }
        // As on AWS, a request that names the algorithm but no key gets the installation's, whatever the bucket's
        // default.
        boolean withBucketKey = bucketKey == null ? defaults.of(bucket).bucketKey() : bucketKey;
        return new EncryptionPlan(
                orInstallation(keyId), context(headers.context(), bucket, key, withBucketKey), withBucketKey);
    }

    private static void refuseOtherModes(SseHeaders headers, @Nullable String algorithm) {
        if (headers.customer()) {
            if (algorithm != null) {
                throw S3Errors.invalidArgument(
                        "Server Side Encryption with Customer provided key is incompatible with the encryption method specified",
                        ALGORITHM,
                        algorithm);
            }
            throw S3Errors.headerNotImplemented(ALGORITHM + "-customer-algorithm");
        }
        if (algorithm == null || algorithm.equals(KMS)) {
            return;
        }
        if (algorithm.equals("AES256") && (headers.keyId() != null || headers.context() != null)) {
            throw S3Errors.invalidArgument(
                    "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms",
                    ALGORITHM,
                    algorithm);
        }
        if (algorithm.equals("AES256") || algorithm.equals("aws:kms:dsse")) {
            throw S3Errors.headerNotImplemented(ALGORITHM + ": " + algorithm);
        }
        throw S3Errors.invalidArgument("The encryption method specified is not supported", ALGORITHM, algorithm);
    }

    private static EncryptionContext context(
            @Nullable String header, String bucket, String key, boolean withBucketKey) {
        if (header == null) {
            return EncryptionContext.EMPTY;
        }
        EncryptionContext sent = ContextHeader.parse(header);
        String arn = sent.pairs().get(EncryptionPlan.ARN_PAIR);
        if (arn != null) {
            String expected = withBucketKey ? S3Arn.bucket(bucket) : S3Arn.object(bucket, key);
            if (!arn.equals(expected)) {
                throw S3Errors.invalidArgument(
                        "The encryption context pair aws:s3:arn must be the ARN of the object, or of the bucket with a bucket key.",
                        CONTEXT,
                        header);
            }
            sent = ContextHeader.without(sent, EncryptionPlan.ARN_PAIR);
        }
        if (SseFacts.contextLength(sent) > SseFacts.MAX_CONTEXT) {
            throw S3Errors.invalidArgument(
                    "The encryption context is longer than the " + SseFacts.MAX_CONTEXT
                            + " bytes that are kept with an object.",
                    CONTEXT,
                    header);
        }
        return sent;
    }

    private static @Nullable Boolean bucketKey(@Nullable String header) {
        if (header == null || header.isBlank()) {
            return null;
        }
        return switch (header.toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default ->
                throw S3Errors.invalidArgument(
                        "The value of " + BUCKET_KEY + " must be true or false.", BUCKET_KEY, header);
        };
    }

    private String orInstallation(@Nullable String keyId) {
        return keyId == null ? installationKey : keyId;
    }

    private static @Nullable String blankToNull(@Nullable String text) {
        return text == null || text.isBlank() ? null : text;
    }
}

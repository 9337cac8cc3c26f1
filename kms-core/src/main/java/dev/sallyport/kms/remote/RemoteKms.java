package dev.sallyport.kms.remote;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sallyport.kms.AuditReceipt;
import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.DataKey;
import dev.sallyport.kms.DecryptedKey;
import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.KeyDescription;
import dev.sallyport.kms.Kms;
import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.KmsException.Code;
import dev.sallyport.kms.Wrapped;
import dev.sallyport.kms.crypto.SecretBytes;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.KmsClientBuilder;
import software.amazon.awssdk.services.kms.model.DecryptResponse;
import software.amazon.awssdk.services.kms.model.EncryptResponse;
import software.amazon.awssdk.services.kms.model.GenerateDataKeyResponse;
import software.amazon.awssdk.services.kms.model.KeyManagerType;
import software.amazon.awssdk.services.kms.model.KeyMetadata;
import software.amazon.awssdk.services.kms.model.ReEncryptResponse;

/**
 * A key service elsewhere, over the AWS SDK: AWS KMS itself, or a gateway's endpoint. Thread-safe.
 *
 * <p>The remote enforces keys' states, key policies and grants, for the credentials that this process signs with, and writes
 * the audit events; so receipts are done at once. A key's change is learnt when the remote is next asked, never by
 * {@link #stateEpoch()}, which stays 0. An outage is told from a refusal by the code's status: see {@link #isOutage}.
 */
public final class RemoteKms implements Kms, AutoCloseable {
    private static final Duration RESOLVED_AGE = Duration.ofMinutes(1);
    private static final int RESOLVED_ENTRIES = 1000;

    private final KmsClient client;
    private final CallerPolicies policies;

    /** ARNs of aliases and ids, for the callers' policies. */
    private final Cache<String, KeyDescription> resolved = Caffeine.newBuilder()
            .expireAfterWrite(RESOLVED_AGE)
            .maximumSize(RESOLVED_ENTRIES)
            .build();

    private RemoteKms(KmsClient client, CallerPolicies policies) {
        this.client = client;
        this.policies = policies;
    }

    /** With the credentials of the SDK's default chain; nothing is asked yet. */
    public static RemoteKms connect(RemoteKmsOptions options, CallerPolicies policies) {
        return connect(options, policies, DefaultCredentialsProvider.builder().build());
    }

    /**
     * Nothing is asked yet.
     *
     * @throws KmsException {@code ValidationException} when no region is given, nor found
     */
    public static RemoteKms connect(
            RemoteKmsOptions options, CallerPolicies policies, AwsCredentialsProvider credentials) {
        KmsClientBuilder builder = KmsClient.builder()
                .httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(options.attemptTimeout())
                        .socketTimeout(options.attemptTimeout()))
                .credentialsProvider(credentials)
                .overrideConfiguration(configuration -> configuration
                        .retryStrategy(AwsRetryStrategy.standardRetryStrategy())
                        .apiCallAttemptTimeout(options.attemptTimeout())
                        .apiCallTimeout(options.attemptTimeout().multipliedBy(4)));
        if (options.endpoint() != null) {
            builder.endpointOverride(options.endpoint());
        }
        if (options.region() != null) {
            builder.region(Region.of(options.region()));
        }
        try {
            return new RemoteKms(builder.build(), policies);
        } catch (SdkException e) {
            throw new KmsException(Code.VALIDATION, "no region is given for the remote KMS, and none is configured");
        }
    }

    /** Whether a failure says nothing about the key: no answer, 5xx, throttling, or credentials that were not accepted. */
    public static boolean isOutage(KmsException e) {
        return e.code().httpStatus() >= 500 || e.code() == Code.THROTTLING;
    }

    @Override
    public DataKey generateDataKey(CallContext call, String keyId, EncryptionContext context, int numberOfBytes) {
        if (numberOfBytes < 1 || numberOfBytes > 1024) {
            throw new IllegalArgumentException("a data key has 1 to 1024 bytes, not " + numberOfBytes);
        }
        check(call, "kms:GenerateDataKey", keyId, context);
        GenerateDataKeyResponse made = ask(() -> client.generateDataKey(request -> request.keyId(keyId)
                .numberOfBytes(numberOfBytes)
                .encryptionContext(context.pairs())
                .grantTokens(call.grantTokens())));
        SecretBytes plaintext = secret(made.plaintext());
        if (plaintext.length() != numberOfBytes) {
            plaintext.close();
            throw malformed();
        }
        return new DataKey(made.keyId(), plaintext, bytes(made.ciphertextBlob()), AuditReceipt.DONE);
    }

    @Override
    public DecryptedKey decrypt(CallContext call, byte[] wrapped, EncryptionContext context, @Nullable String keyId) {
        if (keyId != null) {
            check(call, "kms:Decrypt", keyId, context);
        }
        DecryptResponse opened = ask(() -> client.decrypt(request -> {
            request.ciphertextBlob(SdkBytes.fromByteArray(wrapped))
                    .encryptionContext(context.pairs())
                    .grantTokens(call.grantTokens());
            if (keyId != null) {
                request.keyId(keyId);
            }
        }));
        SecretBytes plaintext = secret(opened.plaintext());
        if (keyId == null) {
            try {
                policies.check(call, "kms:Decrypt", opened.keyId(), context);
            } catch (KmsException e) {
                plaintext.close();
                throw e;
            }
        }
        return new DecryptedKey(opened.keyId(), plaintext, AuditReceipt.DONE);
    }

    @Override
    public Wrapped encrypt(CallContext call, String keyId, byte[] plaintext, EncryptionContext context) {
        check(call, "kms:Encrypt", keyId, context);
        EncryptResponse made = ask(() -> client.encrypt(request -> request.keyId(keyId)
                .plaintext(SdkBytes.fromByteArray(plaintext))
                .encryptionContext(context.pairs())
                .grantTokens(call.grantTokens())));
        return new Wrapped(made.keyId(), bytes(made.ciphertextBlob()), AuditReceipt.DONE);
    }

    @Override
    public Wrapped reEncrypt(
            CallContext call,
            byte[] wrapped,
            EncryptionContext source,
            String destinationKeyId,
            EncryptionContext destination) {
        check(call, "kms:ReEncryptTo", destinationKeyId, destination);
        ReEncryptResponse made =
                ask(() -> client.reEncrypt(request -> request.ciphertextBlob(SdkBytes.fromByteArray(wrapped))
                        .sourceEncryptionContext(source.pairs())
                        .destinationKeyId(destinationKeyId)
                        .destinationEncryptionContext(destination.pairs())
                        .grantTokens(call.grantTokens())));
        policies.check(call, "kms:ReEncryptFrom", made.sourceKeyId(), source);
        return new Wrapped(made.keyId(), bytes(made.ciphertextBlob()), AuditReceipt.DONE);
    }

    @Override
    public KeyDescription describeKey(CallContext call, String keyId) {
        KeyDescription description = describe(call, keyId);
        policies.check(call, "kms:DescribeKey", description.arn(), EncryptionContext.EMPTY);
        return description;
    }

    /** {@inheritDoc} Here: by DescribeKey, kept for a minute. */
    @Override
    public String keyArn(CallContext call, String keyId) {
        try {
            return arn(call, keyId);
        } catch (KmsException e) {
            if (isOutage(e)) {
                throw e;
            }
            return keyId;
        }
    }

    /** {@inheritDoc} Here: the caller's policies only. The remote has the last word when the key is next opened. */
    @Override
    public void authorizeCachedUse(CallContext call, String keyId, String action, EncryptionContext context) {
        check(call, action, keyId, context);
    }

    /** Always 0: a remote KMS does not tell of changes, so the age of a cache's entries is its bound. */
    @Override
    public long stateEpoch() {
        return 0;
    }

    @Override
    public void close() {
        client.close();
    }

    private void check(CallContext call, String action, String keyId, EncryptionContext context) {
        refuseAwsManaged(keyId);
        if (policies.equals(CallerPolicies.NONE)) {
            return;
        }
        policies.check(call, action, arn(call, keyId), context);
    }

    private String arn(CallContext call, String keyId) {
        return keyId.startsWith("arn:") && keyId.contains(":key/")
                ? keyId
                : resolved.get(keyId, id -> describe(call, id)).arn();
    }

    /** A key that AWS manages works for AWS's own services only; say so, instead of its bare refusal. */
    private static void refuseAwsManaged(String keyId) {
        if (keyId.startsWith("alias/aws/") || keyId.contains(":alias/aws/")) {
            throw new KmsException(
                    Code.VALIDATION,
                    "a remote KMS keeps " + keyId.substring(keyId.indexOf("alias/aws/"))
                            + " for AWS's own services; name a customer-managed key");
        }
    }

    private KeyDescription describe(CallContext call, String keyId) {
        refuseAwsManaged(keyId);
        KeyMetadata key = ask(() ->
                        client.describeKey(request -> request.keyId(keyId).grantTokens(call.grantTokens())))
                .keyMetadata();
        if (key == null || key.arn() == null || key.keyId() == null) {
            throw malformed();
        }
        return new KeyDescription(
                key.arn(),
                key.keyId(),
                key.keyManager() == KeyManagerType.AWS,
                key.keyStateAsString() == null ? "" : key.keyStateAsString());
    }

    private static <T> T ask(Supplier<T> request) {
        try {
            return request.get();
        } catch (SdkException e) {
            throw RemoteErrors.translate(e);
        }
    }

    private static SecretBytes secret(@Nullable SdkBytes bytes) {
        if (bytes == null) {
            throw malformed();
        }
        return SecretBytes.takeOver(bytes.asByteArrayUnsafe());
    }

    private static byte[] bytes(@Nullable SdkBytes bytes) {
        if (bytes == null) {
            throw malformed();
        }
        return bytes.asByteArray();
    }

    private static KmsException malformed() {
        return new KmsException(Code.INTERNAL, "the remote KMS gave a malformed answer");
    }
}

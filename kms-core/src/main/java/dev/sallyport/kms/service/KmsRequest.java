package dev.sallyport.kms.service;

import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.crypto.SecretBytes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The requests of the KMS API that this service answers, with the members of the API in their own names. Lengths, patterns
 * and required members have been checked by whoever makes one; what follows from a key, a state or a policy is checked here.
 *
 * @see <a href="https://docs.aws.amazon.com/kms/latest/APIReference/API_Operations.html">Actions of AWS KMS</a>
 */
public sealed interface KmsRequest
        permits KmsRequest.CreateKey,
                KmsRequest.DescribeKey,
                KmsRequest.ListKeys,
                KmsRequest.EnableKey,
                KmsRequest.DisableKey,
                KmsRequest.ScheduleKeyDeletion,
                KmsRequest.CancelKeyDeletion,
                KmsRequest.UpdateKeyDescription,
                KmsRequest.CreateAlias,
                KmsRequest.UpdateAlias,
                KmsRequest.DeleteAlias,
                KmsRequest.ListAliases,
                KmsRequest.TagResource,
                KmsRequest.UntagResource,
                KmsRequest.ListResourceTags,
                KmsRequest.GetKeyPolicy,
                KmsRequest.PutKeyPolicy,
                KmsRequest.ListKeyPolicies,
                KmsRequest.Encrypt,
                KmsRequest.Decrypt,
                KmsRequest.ReEncrypt,
                KmsRequest.GenerateDataKey,
                KmsRequest.GenerateRandom,
                KmsRequest.EnableKeyRotation,
                KmsRequest.DisableKeyRotation,
                KmsRequest.GetKeyRotationStatus,
                KmsRequest.RotateKeyOnDemand,
                KmsRequest.ListKeyRotations,
                GrantRequest {
    /** The operation, for its action, its state rule and its audit event. */
    Operation operation();

    record CreateKey(
            @Nullable String policy,
            String description,
            @Nullable String keyUsage,
            @Nullable String keySpec,
            @Nullable String customerMasterKeySpec,
            @Nullable String origin,
            @Nullable String customKeyStoreId,
            @Nullable String xksKeyId,
            boolean bypassPolicyLockoutSafetyCheck,
            List<Tag> tags,
            boolean multiRegion)
            implements KmsRequest {
        public CreateKey {
            tags = List.copyOf(tags);
        }

        /** A symmetric key with the default policy. */
        public static CreateKey symmetric(String description) {
            return new CreateKey(null, description, null, null, null, null, null, null, false, List.of(), false);
        }

        @Override
        public Operation operation() {
            return Operation.CREATE_KEY;
        }
    }

    record DescribeKey(String keyId) implements KmsRequest {
        @Override
        public Operation operation() {
            return Operation.DESCRIBE_KEY;
        }
    }

    record ListKeys(@Nullable Integer limit, @Nullable String marker, List<String> resourceOwners)
            implements KmsRequest {
        public ListKeys {
            resourceOwners = List.copyOf(resourceOwners);
        }

        @Override
        public Operation operation() {
            return Operation.LIST_KEYS;
        }
    }

    record EnableKey(String keyId) implements KmsRequest {
        @Override
        public Operation operation() {
            return Operation.ENABLE_KEY;
        }
    }

    record DisableKey(String keyId) implements KmsRequest {
        @Override
        public Operation operation() {
            return Operation.DISABLE_KEY;
        }
    }

    record ScheduleKeyDeletion(String keyId, @Nullable Integer pendingWindowInDays) implements KmsRequest {
        @Override
        public Operation operation() {
            return Operation.SCHEDULE_KEY_DELETION;
        }
    }

    record CancelKeyDeletion(String keyId) implements KmsRequest {
        @Override
        public Operation operation() {
            return Operation.CANCEL_KEY_DELETION;
        }
    }

    record UpdateKeyDescription(String keyId, String description) implements KmsRequest {
        @Override
        public Operation operation() {
            return Operation.UPDATE_KEY_DESCRIPTION;
        }
    }

    record CreateAlias(String aliasName, String targetKeyId) implements KmsRequest {
        @Override
        public Operation operation() {
            return Operation.CREATE_ALIAS;
        }
    }

    record UpdateAlias(String aliasName, String targetKeyId) implements KmsRequest {
        @Override
        public Operation operation() {
            return Operation.UPDATE_ALIAS;
        }
    }

    record DeleteAlias(String aliasName) implements KmsRequest {
        @Override
        public Operation operation() {
            return Operation.DELETE_ALIAS;
        }
    }

    record ListAliases(
            @Nullable String keyId,
            @Nullable Integer limit,
            @Nullable String marker) implements KmsRequest {
        @Override
        public Operation operation() {
            return Operation.LIST_ALIASES;
        }
    }

    record TagResource(String keyId, List<Tag> tags) implements KmsRequest {
        public TagResource {
            tags = List.copyOf(tags);
        }

        @Override
        public Operation operation() {
            return Operation.TAG_RESOURCE;
        }
    }

    record UntagResource(String keyId, List<String> tagKeys) implements KmsRequest {
        public UntagResource {
            tagKeys = List.copyOf(tagKeys);
        }

        @Override
        public Operation operation() {
            return Operation.UNTAG_RESOURCE;
        }
    }

    record ListResourceTags(
            String keyId, @Nullable Integer limit, @Nullable String marker) implements KmsRequest {
        @Override
        public Operation operation() {
            return Operation.LIST_RESOURCE_TAGS;
        }
    }

    record GetKeyPolicy(String keyId, @Nullable String policyName) implements KmsRequest {
        @Override
        public Operation operation() {
            return Operation.GET_KEY_POLICY;
        }
    }

    record PutKeyPolicy(
            String keyId, @Nullable String policyName, String policy, boolean bypassPolicyLockoutSafetyCheck)
            implements KmsRequest {
        @Override
        public Operation operation() {
            return Operation.PUT_KEY_POLICY;
        }
    }

    record ListKeyPolicies(
            String keyId, @Nullable Integer limit, @Nullable String marker) implements KmsRequest {
        @Override
        public Operation operation() {
            return Operation.LIST_KEY_POLICIES;
        }
    }

    /** A class, since it holds a secret, which whoever made it closes. */
    final class Encrypt implements KmsRequest, AutoCloseable {
        final String keyId;
        final SecretBytes plaintext;
        final EncryptionContext encryptionContext;
        final @Nullable String encryptionAlgorithm;
        final boolean dryRun;

        public Encrypt(
                String keyId,
                SecretBytes plaintext,
                EncryptionContext encryptionContext,
                @Nullable String encryptionAlgorithm,
                boolean dryRun) {
            this.keyId = keyId;
            this.plaintext = plaintext;
            this.encryptionContext = encryptionContext;
            this.encryptionAlgorithm = encryptionAlgorithm;
            this.dryRun = dryRun;
        }

        @Override
        public Operation operation() {
            return Operation.ENCRYPT;
        }

        @Override
        public void close() {
            plaintext.close();
        }
    }

    /**
     * @param ciphertextBlob null only for a dry run that ignores it
     * @param recipient whether the request names an attested recipient, which is refused
     */
    record Decrypt(
            @Nullable Bytes ciphertextBlob,
            EncryptionContext encryptionContext,
            @Nullable String keyId,
            @Nullable String encryptionAlgorithm,
            boolean recipient,
            boolean dryRun,
            boolean ignoreCiphertext)
            implements KmsRequest {
        @Override
        public Operation operation() {
            return Operation.DECRYPT;
        }
    }

    record ReEncrypt(
            @Nullable Bytes ciphertextBlob,
            EncryptionContext sourceEncryptionContext,
            @Nullable String sourceKeyId,
            String destinationKeyId,
            EncryptionContext destinationEncryptionContext,
            @Nullable String sourceEncryptionAlgorithm,
            @Nullable String destinationEncryptionAlgorithm,
            boolean dryRun,
            boolean ignoreCiphertext)
            implements KmsRequest {
        @Override
        public Operation operation() {
            return Operation.RE_ENCRYPT;
        }
    }

    /** Also GenerateDataKeyWithoutPlaintext, when {@code withPlaintext} is false. */
    record GenerateDataKey(
            String keyId,
            EncryptionContext encryptionContext,
            @Nullable Integer numberOfBytes,
            @Nullable String keySpec,
            boolean recipient,
            boolean dryRun,
            boolean withPlaintext)
            implements KmsRequest {
        @Override
        public Operation operation() {
            return withPlaintext ? Operation.GENERATE_DATA_KEY : Operation.GENERATE_DATA_KEY_WITHOUT_PLAINTEXT;
        }
    }

    record GenerateRandom(
            @Nullable Integer numberOfBytes, @Nullable String customKeyStoreId, boolean recipient)
            implements KmsRequest {
        @Override
        public Operation operation() {
            return Operation.GENERATE_RANDOM;
        }
    }

    record EnableKeyRotation(String keyId, @Nullable Integer rotationPeriodInDays) implements KmsRequest {
        @Override
        public Operation operation() {
            return Operation.ENABLE_KEY_ROTATION;
        }
    }

    record DisableKeyRotation(String keyId) implements KmsRequest {
        @Override
        public Operation operation() {
            return Operation.DISABLE_KEY_ROTATION;
        }
    }

    record GetKeyRotationStatus(String keyId) implements KmsRequest {
        @Override
        public Operation operation() {
            return Operation.GET_KEY_ROTATION_STATUS;
        }
    }

    record RotateKeyOnDemand(String keyId) implements KmsRequest {
        @Override
        public Operation operation() {
            return Operation.ROTATE_KEY_ON_DEMAND;
        }
    }

    record ListKeyRotations(
            String keyId,
            boolean allKeyMaterial,
            @Nullable Integer limit,
            @Nullable String marker) implements KmsRequest {
        @Override
        public Operation operation() {
            return Operation.LIST_KEY_ROTATIONS;
        }
    }
}

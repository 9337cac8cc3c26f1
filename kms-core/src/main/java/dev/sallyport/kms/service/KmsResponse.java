package dev.sallyport.kms.service;

import dev.sallyport.kms.crypto.SecretBytes;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answers of the KMS API, with the members of the API in their own names. Closing one zeroes the secret that it holds,
 * if any.
 */
public sealed interface KmsResponse extends AutoCloseable {
    @Override
    default void close() {}

    /** Of the operations that answer with no body. */
    record Empty() implements KmsResponse {}

    /** Of CreateKey and DescribeKey. */
    record KeyDetails(KeyMetadata keyMetadata) implements KmsResponse {}

    /** Of CancelKeyDeletion and RotateKeyOnDemand. */
    record KeyName(String keyId) implements KmsResponse {}

    record ScheduleKeyDeletion(String keyId, Instant deletionDate, KeyState keyState, int pendingWindowInDays)
            implements KmsResponse {}

    /** @param nextMarker null on the last page */
    record ListKeys(List<KeyListEntry> keys, @Nullable String nextMarker) implements KmsResponse {
        public ListKeys {
            keys = List.copyOf(keys);
        }

        public record KeyListEntry(String keyId, String keyArn) {}
    }

    record ListAliases(
            List<AliasListEntry> aliases, @Nullable String nextMarker) implements KmsResponse {
        public ListAliases {
            aliases = List.copyOf(aliases);
        }

        public record AliasListEntry(
                String aliasName, String aliasArn, String targetKeyId, Instant creationDate, Instant lastUpdatedDate) {}
    }

    record ListResourceTags(List<Tag> tags, @Nullable String nextMarker) implements KmsResponse {
        public ListResourceTags {
            tags = List.copyOf(tags);
        }
    }

    record GetKeyPolicy(String policy, String policyName) implements KmsResponse {}

    record ListKeyPolicies(List<String> policyNames) implements KmsResponse {
        public ListKeyPolicies {
            policyNames = List.copyOf(policyNames);
        }
    }

    record Encrypt(String keyId, Bytes ciphertextBlob) implements KmsResponse {}

    record ReEncrypt(
            String sourceKeyId,
            String keyId,
            Bytes ciphertextBlob,
            String sourceKeyMaterialId,
            String destinationKeyMaterialId)
            implements KmsResponse {}

    record GenerateDataKeyWithoutPlaintext(String keyId, Bytes ciphertextBlob, String keyMaterialId)
            implements KmsResponse {}

    /** Of GenerateDataKey, Decrypt and GenerateRandom. A class, since it holds a secret. */
    final class Plaintext implements KmsResponse {
        private final SecretBytes plaintext;
        private final @Nullable String keyId;
        private final @Nullable String keyMaterialId;
        private final @Nullable Bytes ciphertextBlob;

        Plaintext(
                SecretBytes plaintext,
                @Nullable String keyId,
                @Nullable String keyMaterialId,
                @Nullable Bytes ciphertextBlob) {
            this.plaintext = plaintext;
            this.keyId = keyId;
            this.keyMaterialId = keyMaterialId;
            this.ciphertextBlob = ciphertextBlob;
        }

        public SecretBytes plaintext() {
            return plaintext;
        }

        /** The key's ARN; null for random bytes. */
        public @Nullable String keyId() {
            return keyId;
        }

        public @Nullable String keyMaterialId() {
            return keyMaterialId;
        }

        /** The wrapped data key; null for other answers. */
        public @Nullable Bytes ciphertextBlob() {
            return ciphertextBlob;
        }

        @Override
        public void close() {
            plaintext.close();
        }
    }

    record CreateGrant(String grantToken, String grantId) implements KmsResponse {}

    /** Of ListGrants and ListRetirableGrants. */
    record ListGrants(List<GrantListEntry> grants, @Nullable String nextMarker) implements KmsResponse {
        public ListGrants {
            grants = List.copyOf(grants);
        }

        /**
         * @param name null for none
         * @param granteePrincipal an ARN; the unique id of a principal that is gone
         * @param retiringPrincipal likewise; null for none
         * @param constraint null for none
         */
        public record GrantListEntry(
                String keyId,
                String grantId,
                @Nullable String name,
                Instant creationDate,
                String granteePrincipal,
                @Nullable String retiringPrincipal,
                String issuingAccount,
                List<String> operations,
                @Nullable GrantConstraint constraint) {
            public GrantListEntry {
                operations = List.copyOf(operations);
            }
        }
    }

    record GetKeyRotationStatus(
            String keyId,
            boolean keyRotationEnabled,
            @Nullable Integer rotationPeriodInDays,
            @Nullable Instant nextRotationDate)
            implements KmsResponse {}

    record ListKeyRotations(
            List<RotationsListEntry> rotations, @Nullable String nextMarker) implements KmsResponse {
        public ListKeyRotations {
            rotations = List.copyOf(rotations);
        }

        /**
         * @param current whether this is the material that encrypts
         * @param rotationDate null for the first material, which no rotation made
         */
        public record RotationsListEntry(
                String keyId,
                String keyMaterialId,
                boolean current,
                @Nullable Instant rotationDate,
                @Nullable RotationType rotationType) {}
    }
}

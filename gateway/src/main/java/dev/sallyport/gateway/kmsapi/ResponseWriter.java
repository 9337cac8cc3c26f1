package dev.sallyport.gateway.kmsapi;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.sallyport.kms.service.Bytes;
import dev.sallyport.kms.service.GrantConstraint;
import dev.sallyport.kms.service.KeyMetadata;
import dev.sallyport.kms.service.KmsResponse;
import dev.sallyport.kms.service.Tag;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes a response as JSON. Times are seconds since 1970 with three decimals; bytes are base64. */
final class ResponseWriter {
    private static final JsonFactory JSON = new JsonFactory();
    private static final String SYMMETRIC = "SYMMETRIC_DEFAULT";

    private final JsonGenerator out;

    private ResponseWriter(JsonGenerator out) {
        this.out = out;
    }

    /** @param decrypting whether the operation is Decrypt, whose answer names its algorithm */
    static byte[] write(KmsResponse response, boolean decrypting) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
        try (JsonGenerator out = JSON.createGenerator(bytes)) {
            new ResponseWriter(out).write(response, decrypting ? SYMMETRIC : null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private void write(KmsResponse response, @Nullable String algorithm) throws IOException {
        if (response instanceof KmsResponse.Empty) {
            return;
        }
        out.writeStartObject();
        switch (response) {
            case KmsResponse.Empty ignored -> {}
            case KmsResponse.KeyDetails r -> {
                out.writeFieldName("KeyMetadata");
                metadata(r.keyMetadata());
            }
            case KmsResponse.KeyName r -> out.writeStringField("KeyId", r.keyId());
            case KmsResponse.ScheduleKeyDeletion r -> {
                out.writeStringField("KeyId", r.keyId());
                time("DeletionDate", r.deletionDate());
                out.writeStringField("KeyState", r.keyState().wireName());
                out.writeNumberField("PendingWindowInDays", r.pendingWindowInDays());
            }
            case KmsResponse.ListKeys r -> {
                out.writeArrayFieldStart("Keys");
                for (KmsResponse.ListKeys.KeyListEntry key : r.keys()) {
                    out.writeStartObject();
                    out.writeStringField("KeyId", key.keyId());
                    out.writeStringField("KeyArn", key.keyArn());
                    out.writeEndObject();
                }
                out.writeEndArray();
                page(r.nextMarker());
            }
            case KmsResponse.ListAliases r -> {
                out.writeArrayFieldStart("Aliases");
                for (KmsResponse.ListAliases.AliasListEntry alias : r.aliases()) {
                    out.writeStartObject();
                    out.writeStringField("AliasName", alias.aliasName());
                    out.writeStringField("AliasArn", alias.aliasArn());
                    out.writeStringField("TargetKeyId", alias.targetKeyId());
                    time("CreationDate", alias.creationDate());
                    time("LastUpdatedDate", alias.lastUpdatedDate());
                    out.writeEndObject();
                }
                out.writeEndArray();
                page(r.nextMarker());
            }
            case KmsResponse.ListResourceTags r -> {
                out.writeArrayFieldStart("Tags");
                for (Tag tag : r.tags()) {
                    out.writeStartObject();
                    out.writeStringField("TagKey", tag.tagKey());
                    out.writeStringField("TagValue", tag.tagValue());
                    out.writeEndObject();
                }
                out.writeEndArray();
                page(r.nextMarker());
            }
            case KmsResponse.GetKeyPolicy r -> {
                out.writeStringField("Policy", r.policy());
                out.writeStringField("PolicyName", r.policyName());
            }
            case KmsResponse.ListKeyPolicies r -> {
                out.writeArrayFieldStart("PolicyNames");
                for (String name : r.policyNames()) {
                    out.writeString(name);
                }
                out.writeEndArray();
                page(null);
            }
            case KmsResponse.Encrypt r -> {
                blob("CiphertextBlob", r.ciphertextBlob());
                out.writeStringField("KeyId", r.keyId());
                out.writeStringField("EncryptionAlgorithm", SYMMETRIC);
            }
            case KmsResponse.ReEncrypt r -> {
                blob("CiphertextBlob", r.ciphertextBlob());
                out.writeStringField("SourceKeyId", r.sourceKeyId());
                out.writeStringField("KeyId", r.keyId());
                out.writeStringField("SourceEncryptionAlgorithm", SYMMETRIC);
                out.writeStringField("DestinationEncryptionAlgorithm", SYMMETRIC);
                out.writeStringField("SourceKeyMaterialId", r.sourceKeyMaterialId());
                out.writeStringField("DestinationKeyMaterialId", r.destinationKeyMaterialId());
            }
            case KmsResponse.GenerateDataKeyWithoutPlaintext r -> {
                blob("CiphertextBlob", r.ciphertextBlob());
                out.writeStringField("KeyId", r.keyId());
                out.writeStringField("KeyMaterialId", r.keyMaterialId());
            }
            case KmsResponse.CreateGrant r -> {
                out.writeStringField("GrantToken", r.grantToken());
                out.writeStringField("GrantId", r.grantId());
            }
            case KmsResponse.ListGrants r -> {
                out.writeArrayFieldStart("Grants");
                for (KmsResponse.ListGrants.GrantListEntry grant : r.grants()) {
                    grant(grant);
                }
                out.writeEndArray();
                page(r.nextMarker());
            }
            case KmsResponse.Plaintext r -> plaintext(r, algorithm);
            case KmsResponse.GetKeyRotationStatus r -> {
                out.writeStringField("KeyId", r.keyId());
                out.writeBooleanField("KeyRotationEnabled", r.keyRotationEnabled());
                Integer period = r.rotationPeriodInDays();
                if (period != null) {
                    out.writeNumberField("RotationPeriodInDays", period);
                }
                time("NextRotationDate", r.nextRotationDate());
            }
            case KmsResponse.ListKeyRotations r -> rotations(r);
        }
        out.writeEndObject();
    }

    private void plaintext(KmsResponse.Plaintext response, @Nullable String algorithm) throws IOException {
        Bytes blob = response.ciphertextBlob();
        if (blob != null) {
            blob("CiphertextBlob", blob);
        }
        byte[] plaintext = response.plaintext().exposeCopy();
        try {
            out.writeBinaryField("Plaintext", plaintext);
        } finally {
            Arrays.fill(plaintext, (byte) 0);
        }
        text("KeyId", response.keyId());
        text("EncryptionAlgorithm", algorithm);
        text("KeyMaterialId", response.keyMaterialId());
    }

    private void grant(KmsResponse.ListGrants.GrantListEntry grant) throws IOException {
        out.writeStartObject();
        out.writeStringField("KeyId", grant.keyId());
        out.writeStringField("GrantId", grant.grantId());
        String name = grant.name();
        // AWS has the member in every entry
        out.writeStringField("Name", name == null ? "" : name);
        time("CreationDate", grant.creationDate());
        out.writeStringField("GranteePrincipal", grant.granteePrincipal());
        text("RetiringPrincipal", grant.retiringPrincipal());
        out.writeStringField("IssuingAccount", grant.issuingAccount());
        out.writeArrayFieldStart("Operations");
        for (String operation : grant.operations()) {
            out.writeString(operation);
        }
        out.writeEndArray();
        GrantConstraint constraint = grant.constraint();
        if (constraint != null) {
            out.writeObjectFieldStart("Constraints");
            out.writeObjectFieldStart(constraint.type().wireName());
            for (Map.Entry<String, String> pair : constraint.context().pairs().entrySet()) {
                out.writeStringField(pair.getKey(), pair.getValue());
            }
            out.writeEndObject();
            out.writeEndObject();
        }
        out.writeEndObject();
    }

    private void rotations(KmsResponse.ListKeyRotations response) throws IOException {
        out.writeArrayFieldStart("Rotations");
        for (KmsResponse.ListKeyRotations.RotationsListEntry rotation : response.rotations()) {
            out.writeStartObject();
            out.writeStringField("KeyId", rotation.keyId());
            out.writeStringField("KeyMaterialId", rotation.keyMaterialId());
            out.writeStringField("KeyMaterialState", rotation.current() ? "CURRENT" : "NON_CURRENT");
            time("RotationDate", rotation.rotationDate());
            var type = rotation.rotationType();
            if (type != null) {
                out.writeStringField("RotationType", type.name());
            }
            out.writeEndObject();
        }
        out.writeEndArray();
        page(response.nextMarker());
    }

    private void metadata(KeyMetadata key) throws IOException {
        out.writeStartObject();
        out.writeStringField("AWSAccountId", key.awsAccountId());
        out.writeStringField("KeyId", key.keyId());
        out.writeStringField("Arn", key.arn());
        time("CreationDate", key.creationDate());
        out.writeBooleanField("Enabled", key.enabled());
        out.writeStringField("Description", key.description());
        out.writeStringField("KeyUsage", "ENCRYPT_DECRYPT");
        out.writeStringField("KeyState", key.keyState().wireName());
        time("DeletionDate", key.deletionDate());
        out.writeStringField("Origin", "AWS_KMS");
        out.writeStringField("KeyManager", key.awsManaged() ? "AWS" : "CUSTOMER");
        out.writeStringField("CustomerMasterKeySpec", SYMMETRIC);
        out.writeStringField("KeySpec", SYMMETRIC);
        out.writeArrayFieldStart("EncryptionAlgorithms");
        out.writeString(SYMMETRIC);
        out.writeEndArray();
        out.writeBooleanField("MultiRegion", false);
        out.writeStringField("CurrentKeyMaterialId", key.currentKeyMaterialId());
        out.writeEndObject();
    }

    private void page(@Nullable String nextMarker) throws IOException {
        text("NextMarker", nextMarker);
        out.writeBooleanField("Truncated", nextMarker != null);
    }

    private void blob(String name, Bytes value) throws IOException {
        out.writeBinaryField(name, value.toArray());
    }

    private void text(String name, @Nullable String value) throws IOException {
        if (value != null) {
            out.writeStringField(name, value);
        }
    }

    private void time(String name, @Nullable Instant time) throws IOException {
        if (time != null) {
            out.writeNumberField(name, BigDecimal.valueOf(time.toEpochMilli(), 3));
        }
    }
}

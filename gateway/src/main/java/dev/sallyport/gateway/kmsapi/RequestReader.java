package dev.sallyport.gateway.kmsapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.kms.service.Bytes;
import dev.sallyport.kms.service.GrantRequest;
import dev.sallyport.kms.service.KmsRequest;
import dev.sallyport.kms.service.Operation;
import dev.sallyport.kms.service.Tag;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes the request of an operation from JSON that {@link Validator} has let pass. */
final class RequestReader {
    private final ObjectNode json;

    private RequestReader(ObjectNode json) {
        this.json = json;
    }

    static KmsRequest read(Operation operation, ObjectNode json) {
        return new RequestReader(json).read(operation);
    }

    static List<String> grantTokens(ObjectNode json) {
        return new RequestReader(json).texts("GrantTokens");
    }

    private KmsRequest read(Operation operation) {
        return switch (operation) {
            case CREATE_KEY -> {
                String description = optional("Description");
                yield new KmsRequest.CreateKey(
                        optional("Policy"),
                        description == null ? "" : description,
                        optional("KeyUsage"),
                        optional("KeySpec"),
                        optional("CustomerMasterKeySpec"),
                        optional("Origin"),
                        optional("CustomKeyStoreId"),
                        optional("XksKeyId"),
                        flag("BypassPolicyLockoutSafetyCheck"),
                        tags(),
                        flag("MultiRegion"));
            }
            case DESCRIBE_KEY -> new KmsRequest.DescribeKey(keyId());
            case LIST_KEYS -> new KmsRequest.ListKeys(number("Limit"), optional("Marker"), texts("ResourceOwners"));
            case ENABLE_KEY -> new KmsRequest.EnableKey(keyId());
            case DISABLE_KEY -> new KmsRequest.DisableKey(keyId());
            case SCHEDULE_KEY_DELETION -> new KmsRequest.ScheduleKeyDeletion(keyId(), number("PendingWindowInDays"));
            case CANCEL_KEY_DELETION -> new KmsRequest.CancelKeyDeletion(keyId());
            case UPDATE_KEY_DESCRIPTION -> new KmsRequest.UpdateKeyDescription(keyId(), text("Description"));
            case CREATE_ALIAS -> new KmsRequest.CreateAlias(text("AliasName"), text("TargetKeyId"));
            case UPDATE_ALIAS -> new KmsRequest.UpdateAlias(text("AliasName"), text("TargetKeyId"));
            case DELETE_ALIAS -> new KmsRequest.DeleteAlias(text("AliasName"));
            case LIST_ALIASES -> new KmsRequest.ListAliases(optional("KeyId"), number("Limit"), optional("Marker"));
            case TAG_RESOURCE -> new KmsRequest.TagResource(keyId(), tags());
            case UNTAG_RESOURCE -> new KmsRequest.UntagResource(keyId(), texts("TagKeys"));
            case LIST_RESOURCE_TAGS -> new KmsRequest.ListResourceTags(keyId(), number("Limit"), optional("Marker"));
            case GET_KEY_POLICY -> new KmsRequest.GetKeyPolicy(keyId(), optional("PolicyName"));
            case PUT_KEY_POLICY ->
                new KmsRequest.PutKeyPolicy(
                        keyId(), optional("PolicyName"), text("Policy"), flag("BypassPolicyLockoutSafetyCheck"));
            case LIST_KEY_POLICIES -> new KmsRequest.ListKeyPolicies(keyId(), number("Limit"), optional("Marker"));
            case ENCRYPT ->
                new KmsRequest.Encrypt(
                        keyId(),
                        SecretBytes.takeOver(Base64.getDecoder().decode(text("Plaintext"))),
                        context("EncryptionContext"),
                        optional("EncryptionAlgorithm"),
                        flag("DryRun"));
            case DECRYPT ->
                new KmsRequest.Decrypt(
                        ciphertext(),
                        context("EncryptionContext"),
                        optional("KeyId"),
                        optional("EncryptionAlgorithm"),
                        present("Recipient"),
                        flag("DryRun"),
                        texts("DryRunModifiers").contains("IGNORE_CIPHERTEXT"));
            case RE_ENCRYPT ->
                new KmsRequest.ReEncrypt(
                        ciphertext(),
                        context("SourceEncryptionContext"),
                        optional("SourceKeyId"),
                        text("DestinationKeyId"),
                        context("DestinationEncryptionContext"),
                        optional("SourceEncryptionAlgorithm"),
                        optional("DestinationEncryptionAlgorithm"),
                        flag("DryRun"),
                        texts("DryRunModifiers").contains("IGNORE_CIPHERTEXT"));
            case GENERATE_DATA_KEY -> dataKey(true);
            case GENERATE_DATA_KEY_WITHOUT_PLAINTEXT -> dataKey(false);
            case GENERATE_RANDOM ->
                new KmsRequest.GenerateRandom(
                        number("NumberOfBytes"), optional("CustomKeyStoreId"), present("Recipient"));
            case CREATE_GRANT -> createGrant();
            case LIST_GRANTS ->
                new GrantRequest.ListGrants(
                        keyId(),
                        optional("GrantId"),
                        optional("GranteePrincipal"),
                        optional("GranteeServicePrincipal"),
                        number("Limit"),
                        optional("Marker"));
            case LIST_RETIRABLE_GRANTS ->
                new GrantRequest.ListRetirableGrants(
                        optional("RetiringPrincipal"),
                        optional("RetiringServicePrincipal"),
                        number("Limit"),
                        optional("Marker"));
            case RETIRE_GRANT ->
                new GrantRequest.RetireGrant(
                        optional("GrantToken"), optional("KeyId"), optional("GrantId"), flag("DryRun"));
            case REVOKE_GRANT -> new GrantRequest.RevokeGrant(keyId(), text("GrantId"), flag("DryRun"));
            case ENABLE_KEY_ROTATION -> new KmsRequest.EnableKeyRotation(keyId(), number("RotationPeriodInDays"));
            case DISABLE_KEY_ROTATION -> new KmsRequest.DisableKeyRotation(keyId());
            case GET_KEY_ROTATION_STATUS -> new KmsRequest.GetKeyRotationStatus(keyId());
            case ROTATE_KEY_ON_DEMAND -> new KmsRequest.RotateKeyOnDemand(keyId());
            case LIST_KEY_ROTATIONS ->
                new KmsRequest.ListKeyRotations(
                        keyId(),
                        "ALL_KEY_MATERIAL".equals(optional("IncludeKeyMaterial")),
                        number("Limit"),
                        optional("Marker"));
        };
    }

    private KmsRequest dataKey(boolean withPlaintext) {
        return new KmsRequest.GenerateDataKey(
                keyId(),
                context("EncryptionContext"),
                number("NumberOfBytes"),
                optional("KeySpec"),
                withPlaintext && present("Recipient"),
                flag("DryRun"),
                withPlaintext);
    }

    private String keyId() {
        return text("KeyId");
    }

    private KmsRequest createGrant() {
        JsonNode constraints = json.path("Constraints");
        return new GrantRequest.CreateGrant(
                keyId(),
                optional("GranteePrincipal"),
                optional("RetiringPrincipal"),
                texts("Operations"),
                constraints.hasNonNull("EncryptionContextEquals")
                        ? context(constraints.get("EncryptionContextEquals"))
                        : null,
                constraints.hasNonNull("EncryptionContextSubset")
                        ? context(constraints.get("EncryptionContextSubset"))
                        : null,
                constraints.path("SourceArn").textValue(),
                optional("Name"),
                optional("GranteeServicePrincipal"),
                optional("RetiringServicePrincipal"),
                flag("DryRun"));
    }

    private String text(String name) {
        String value = optional(name);
        if (value == null) {
            throw new IllegalStateException("validation let pass a request without " + name);
        }
        return value;
    }

    private @Nullable String optional(String name) {
        JsonNode value = json.get(name);
        return value == null || value.isNull() ? null : value.textValue();
    }

    private @Nullable Integer number(String name) {
        JsonNode value = json.get(name);
        return value == null || value.isNull() ? null : value.intValue();
    }

    private boolean flag(String name) {
        return json.path(name).booleanValue();
    }

    private boolean present(String name) {
        return json.hasNonNull(name);
    }

    private @Nullable Bytes ciphertext() {
        String value = optional("CiphertextBlob");
        return value == null ? null : Bytes.copyOf(Base64.getDecoder().decode(value));
    }

    private EncryptionContext context(String name) {
        return context(json.get(name));
    }

    private static EncryptionContext context(@Nullable JsonNode value) {
        if (value == null || value.isNull() || value.isEmpty()) {
            return EncryptionContext.EMPTY;
        }
        Map<String, String> pairs = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> pair : value.properties()) {
            pairs.put(pair.getKey(), pair.getValue().textValue());
        }
        return new EncryptionContext(pairs);
    }

    private List<String> texts(String name) {
        List<String> texts = new ArrayList<>();
        for (JsonNode each : json.path(name)) {
            texts.add(each.textValue());
        }
        return texts;
    }

    private List<Tag> tags() {
        List<Tag> tags = new ArrayList<>();
        for (JsonNode each : json.path("Tags")) {
            tags.add(new Tag(
                    each.path("TagKey").textValue(), each.path("TagValue").textValue()));
        }
        return tags;
    }
}

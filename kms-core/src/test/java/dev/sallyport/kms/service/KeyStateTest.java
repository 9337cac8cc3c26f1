package dev.sallyport.kms.service;

import static dev.sallyport.kms.service.TestKms.as;
import static dev.sallyport.kms.service.TestKms.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.crypto.SecretBytes;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every operation on a key, in every state of the key: the table of the developer guide, "Key states of AWS KMS keys". */
class KeyStateTest {
    private static final String DISABLED = "is disabled.";
    private static final String PENDING = "is pending deletion.";
    private static final String NOT_PENDING = "is not pending deletion.";

    /** What an enabled, a disabled and a pending key answer; null for success. */
    private static final class Row {
        final String operation;
        final @Nullable String enabled;
        final @Nullable String disabled;
        final @Nullable String pending;

        Row(String operation, @Nullable String enabled, @Nullable String disabled, @Nullable String pending) {
            this.operation = operation;
            this.enabled = enabled;
            this.disabled = disabled;
            this.pending = pending;
        }

        @Nullable String in(KeyState state) {
            return switch (state) {
                case ENABLED -> enabled;
                case DISABLED -> disabled;
                case PENDING_DELETION -> pending;
            };
        }
    }

    private static final List<Row> TABLE = List.of(
            new Row("CancelKeyDeletion", NOT_PENDING, NOT_PENDING, null),
            new Row("CreateAlias", null, null, PENDING),
            new Row("CreateGrant", null, DISABLED, PENDING),
            new Row("Decrypt", null, DISABLED, PENDING),
            new Row("DeleteAlias", null, null, null),
            new Row("DescribeKey", null, null, null),
            new Row("DisableKey", null, null, PENDING),
            new Row("DisableKeyRotation", null, DISABLED, PENDING),
            new Row("EnableKey", null, null, PENDING),
            new Row("EnableKeyRotation", null, DISABLED, PENDING),
            new Row("Encrypt", null, DISABLED, PENDING),
            new Row("GenerateDataKey", null, DISABLED, PENDING),
            new Row("GenerateDataKeyWithoutPlaintext", null, DISABLED, PENDING),
            new Row("GetKeyPolicy", null, null, null),
            new Row("GetKeyRotationStatus", null, null, null),
            new Row("ListAliases", null, null, null),
            new Row("ListGrants", null, null, null),
            new Row("ListKeyPolicies", null, null, null),
            new Row("ListKeyRotations", null, null, null),
            new Row("ListResourceTags", null, null, null),
            new Row("PutKeyPolicy", null, null, null),
            new Row("ReEncrypt", null, DISABLED, PENDING),
            new Row("RetireGrant", null, null, null),
            new Row("RevokeGrant", null, null, null),
            new Row("RotateKeyOnDemand", null, DISABLED, PENDING),
            new Row("ScheduleKeyDeletion", null, null, PENDING),
            new Row("TagResource", null, null, PENDING),
            new Row("UntagResource", null, null, PENDING),
            new Row("UpdateAlias", null, null, PENDING),
            new Row("UpdateKeyDescription", null, null, PENDING));

    private static final Set<String> WITHOUT_A_KEY =
            Set.of("CreateKey", "GenerateRandom", "ListKeys", "ListRetirableGrants");

    private static final EncryptionContext NONE = EncryptionContext.EMPTY;

    @TestFactory
    List<DynamicTest> answersAsItsStateSays() {
        return EnumSet.allOf(KeyState.class).stream()
                .flatMap(state -> TABLE.stream()
                        .map(row -> DynamicTest.dynamicTest(row.operation + " " + state, () -> check(row, state))))
                .toList();
    }

    @Test
    void theTableHasEveryOperationOnAKey() {
        Map<String, Boolean> operations = new TreeMap<>();
        for (Operation operation : Operation.values()) {
            operations.put(operation.wireName(), true);
        }
        WITHOUT_A_KEY.forEach(operations::remove);
        assertThat(TABLE).extracting(row -> row.operation).containsExactlyInAnyOrderElementsOf(operations.keySet());
    }

    private static void check(Row row, KeyState state) {
        TestKms kms = new TestKms();
        String arn = kms.createKey().arn();
        String other = kms.createKey().arn();
        byte[] blob =
                kms.service.encrypt(as("admin"), arn, new byte[] {1}, NONE).bytes();
        String grantId = ((KmsResponse.CreateGrant)
                        kms.call(GrantRequest.CreateGrant.of(arn, TestKms.arn("alice"), "Decrypt")))
                .grantId();
        kms.call(new KmsRequest.CreateAlias("alias/own", arn));
        kms.call(new KmsRequest.CreateAlias("alias/other", other));
        switch (state) {
            case ENABLED -> {}
            case DISABLED -> kms.call(new KmsRequest.DisableKey(arn));
            case PENDING_DELETION -> kms.call(new KmsRequest.ScheduleKeyDeletion(arn, 7));
        }
        KmsRequest request = request(row.operation, arn, Bytes.copyOf(blob), grantId);
        String expected = row.in(state);
        if (expected == null) {
            kms.call(request);
            return;
        }
        KmsException refusal = refusal(() -> kms.call(request));
        assertThat(refusal).hasMessage(arn + " " + expected);
        assertThat(refusal.code())
                .isEqualTo(expected.equals(DISABLED) ? KmsException.Code.DISABLED : KmsException.Code.INVALID_STATE);
    }

    private static KmsRequest request(String operation, String arn, Bytes blob, String grantId) {
        return switch (operation) {
            case "CancelKeyDeletion" -> new KmsRequest.CancelKeyDeletion(arn);
            case "CreateAlias" -> new KmsRequest.CreateAlias("alias/new", arn);
            case "CreateGrant" -> GrantRequest.CreateGrant.of(arn, TestKms.arn("alice"), "Decrypt");
            case "ListGrants" -> new GrantRequest.ListGrants(arn, null, null, null, null, null);
            case "RetireGrant" -> new GrantRequest.RetireGrant(null, arn, grantId, false);
            case "RevokeGrant" -> new GrantRequest.RevokeGrant(arn, grantId, false);
            case "Decrypt" -> new KmsRequest.Decrypt(blob, NONE, null, null, false, false, false);
            case "DeleteAlias" -> new KmsRequest.DeleteAlias("alias/own");
            case "DescribeKey" -> new KmsRequest.DescribeKey(arn);
            case "DisableKey" -> new KmsRequest.DisableKey(arn);
            case "DisableKeyRotation" -> new KmsRequest.DisableKeyRotation(arn);
            case "EnableKey" -> new KmsRequest.EnableKey(arn);
            case "EnableKeyRotation" -> new KmsRequest.EnableKeyRotation(arn, null);
            case "Encrypt" -> new KmsRequest.Encrypt(arn, SecretBytes.random(1), NONE, null, false);
            case "GenerateDataKey" -> new KmsRequest.GenerateDataKey(arn, NONE, 32, null, false, false, true);
            case "GenerateDataKeyWithoutPlaintext" ->
                new KmsRequest.GenerateDataKey(arn, NONE, null, "AES_128", false, false, false);
            case "GetKeyPolicy" -> new KmsRequest.GetKeyPolicy(arn, "default");
            case "GetKeyRotationStatus" -> new KmsRequest.GetKeyRotationStatus(arn);
            case "ListAliases" -> new KmsRequest.ListAliases(arn, null, null);
            case "ListKeyPolicies" -> new KmsRequest.ListKeyPolicies(arn, null, null);
            case "ListKeyRotations" -> new KmsRequest.ListKeyRotations(arn, false, null, null);
            case "ListResourceTags" -> new KmsRequest.ListResourceTags(arn, null, null);
            case "PutKeyPolicy" ->
                new KmsRequest.PutKeyPolicy(
                        arn, null, dev.sallyport.kms.access.KeyPolicies.defaultPolicy(TestKms.ACCOUNT), false);
            case "ReEncrypt" -> new KmsRequest.ReEncrypt(blob, NONE, null, arn, NONE, null, null, false, false);
            case "RotateKeyOnDemand" -> new KmsRequest.RotateKeyOnDemand(arn);
            case "ScheduleKeyDeletion" -> new KmsRequest.ScheduleKeyDeletion(arn, 7);
            case "TagResource" -> new KmsRequest.TagResource(arn, List.of(new Tag("a", "b")));
            case "UntagResource" -> new KmsRequest.UntagResource(arn, List.of("a"));
            case "UpdateAlias" -> new KmsRequest.UpdateAlias("alias/other", arn);
            case "UpdateKeyDescription" -> new KmsRequest.UpdateKeyDescription(arn, "new");
            default -> throw new IllegalArgumentException(operation);
        };
    }
}

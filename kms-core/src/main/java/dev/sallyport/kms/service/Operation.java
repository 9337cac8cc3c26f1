package dev.sallyport.kms.service;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The operations of this service, in the API's names, with what holds for a whole operation. */
public enum Operation {
    CANCEL_KEY_DELETION("CancelKeyDeletion", false, StateRule.PENDING_DELETION_ONLY),
    CREATE_ALIAS("CreateAlias", false, StateRule.NOT_PENDING_DELETION),
    CREATE_GRANT("CreateGrant", false, StateRule.ENABLED),
    CREATE_KEY("CreateKey", false, StateRule.ANY),
    DECRYPT("Decrypt", true, StateRule.ENABLED),
    DELETE_ALIAS("DeleteAlias", false, StateRule.ANY),
    DESCRIBE_KEY("DescribeKey", true, StateRule.ANY),
    DISABLE_KEY("DisableKey", false, StateRule.NOT_PENDING_DELETION),
    DISABLE_KEY_ROTATION("DisableKeyRotation", false, StateRule.ENABLED),
    ENABLE_KEY("EnableKey", false, StateRule.NOT_PENDING_DELETION),
    ENABLE_KEY_ROTATION("EnableKeyRotation", false, StateRule.ENABLED),
    ENCRYPT("Encrypt", true, StateRule.ENABLED),
    GENERATE_DATA_KEY("GenerateDataKey", true, StateRule.ENABLED),
    GENERATE_DATA_KEY_WITHOUT_PLAINTEXT("GenerateDataKeyWithoutPlaintext", true, StateRule.ENABLED),
    GENERATE_RANDOM("GenerateRandom", true, StateRule.ANY),
    GET_KEY_POLICY("GetKeyPolicy", true, StateRule.ANY),
    GET_KEY_ROTATION_STATUS("GetKeyRotationStatus", true, StateRule.ANY),
    LIST_ALIASES("ListAliases", true, StateRule.ANY),
    LIST_GRANTS("ListGrants", true, StateRule.ANY),
    LIST_KEY_POLICIES("ListKeyPolicies", true, StateRule.ANY),
    LIST_KEY_ROTATIONS("ListKeyRotations", true, StateRule.ANY),
    LIST_KEYS("ListKeys", true, StateRule.ANY),
    LIST_RESOURCE_TAGS("ListResourceTags", true, StateRule.ANY),
    LIST_RETIRABLE_GRANTS("ListRetirableGrants", true, StateRule.ANY),
    PUT_KEY_POLICY("PutKeyPolicy", false, StateRule.ANY),
    RE_ENCRYPT("ReEncrypt", true, StateRule.ENABLED),
    RETIRE_GRANT("RetireGrant", false, StateRule.ANY),
    REVOKE_GRANT("RevokeGrant", false, StateRule.ANY),
    ROTATE_KEY_ON_DEMAND("RotateKeyOnDemand", false, StateRule.ENABLED),
    SCHEDULE_KEY_DELETION("ScheduleKeyDeletion", false, StateRule.NOT_PENDING_DELETION),
    TAG_RESOURCE("TagResource", false, StateRule.NOT_PENDING_DELETION),
    UNTAG_RESOURCE("UntagResource", false, StateRule.NOT_PENDING_DELETION),
    UPDATE_ALIAS("UpdateAlias", false, StateRule.NOT_PENDING_DELETION),
    UPDATE_KEY_DESCRIPTION("UpdateKeyDescription", false, StateRule.NOT_PENDING_DELETION);

    /** In which states of its key an operation works. */
    enum StateRule {
        ANY,
        ENABLED,
        NOT_PENDING_DELETION,
        PENDING_DELETION_ONLY
    }

    private static final Map<String, Operation> BY_NAME;

    static {
        Map<String, Operation> byName = new HashMap<>();
        for (Operation operation : values()) {
            byName.put(operation.wireName, operation);
        }
        BY_NAME = Collections.unmodifiableMap(byName);
    }

    private final String wireName;
    private final String action;
    private final boolean readOnly;
    private final StateRule stateRule;

    Operation(String wireName, boolean readOnly, StateRule stateRule) {
        this.wireName = wireName;
        this.action = "kms:" + wireName;
        this.readOnly = readOnly;
        this.stateRule = stateRule;
    }

    /** The operation of this name; null for one that this service does not have. */
    public static @Nullable Operation of(String wireName) {
        return BY_NAME.get(wireName);
    }

    /** The API's name, such as {@code GenerateDataKey}. */
    public String wireName() {
        return wireName;
    }

    /** The permission, such as {@code kms:GenerateDataKey}. ReEncrypt asks for two others instead. */
    public String action() {
        return action;
    }

    /** As CloudTrail classifies it. */
    public boolean readOnly() {
        return readOnly;
    }

    StateRule stateRule() {
        return stateRule;
    }

    /**
     * Refuses a key whose state does not allow the operation.
     *
     * @see <a href="https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html#key-state-table">Key state table</a>
     */
    void requireState(KeyRecord key) {
        switch (stateRule) {
            case ANY -> {}
            case ENABLED -> key.requireEnabled();
            case NOT_PENDING_DELETION -> key.requireNotPendingDeletion();
            case PENDING_DELETION_ONLY -> {
                if (key.state() != KeyState.PENDING_DELETION) {
                    throw new dev.sallyport.kms.KmsException(
                            dev.sallyport.kms.KmsException.Code.INVALID_STATE, key.arn() + " is not pending deletion.");
                }
            }
        }
    }
}

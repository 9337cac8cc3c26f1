package dev.sallyport.gateway.kmsapi;

import static dev.sallyport.gateway.kmsapi.Shape.listOf;
import static dev.sallyport.gateway.kmsapi.Shape.oneOf;
import static dev.sallyport.gateway.kmsapi.Shape.optional;
import static dev.sallyport.gateway.kmsapi.Shape.required;
import static dev.sallyport.gateway.kmsapi.Shape.struct;
import static dev.sallyport.gateway.kmsapi.Shape.text;

import dev.sallyport.gateway.kmsapi.Shape.Struct;
import dev.sallyport.kms.service.Operation;

/**
 * The input of every operation: members, types, lengths, patterns, ranges and enumerations, as the API's model has them.
 *
 * @see <a href="https://docs.aws.amazon.com/kms/latest/APIReference/API_Operations.html">Actions of AWS KMS</a>
 */
final class ApiModel {
    static final Shape KEY_ID = text(1, 2048);
    private static final Shape ALIAS_NAME = text(1, 256, "^[a-zA-Z0-9:/_-]+$");
    private static final Shape POLICY = text(1, 131072, "[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+");
    private static final Shape POLICY_NAME = text(1, 128, "[\\w]+");
    private static final Shape DESCRIPTION = text(0, 8192);
    static final Shape BOOL = new Shape.Bool();
    private static final Shape KEY_USAGE =
            oneOf("SIGN_VERIFY", "ENCRYPT_DECRYPT", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT", "ENCAPSULATE_DECAPSULATE");
    private static final Shape MASTER_KEY_SPEC = oneOf(
            "RSA_2048",
            "RSA_3072",
            "RSA_4096",
            "ECC_NIST_P256",
            "ECC_NIST_P384",
            "ECC_NIST_P521",
            "ECC_SECG_P256K1",
            "SYMMETRIC_DEFAULT",
            "HMAC_224",
            "HMAC_256",
            "HMAC_384",
            "HMAC_512",
            "SM2");
    private static final Shape KEY_SPEC = oneOf(
            "RSA_2048",
            "RSA_3072",
            "RSA_4096",
            "ECC_NIST_P256",
            "ECC_NIST_P384",
            "ECC_NIST_P521",
            "ECC_SECG_P256K1",
            "SYMMETRIC_DEFAULT",
            "HMAC_224",
            "HMAC_256",
            "HMAC_384",
            "HMAC_512",
            "SM2",
            "ML_DSA_44",
            "ML_DSA_65",
            "ML_DSA_87",
            "ECC_NIST_EDWARDS25519",
            "ML_KEM_512",
            "ML_KEM_768",
            "ML_KEM_1024");
    private static final Shape ORIGIN = oneOf("AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE");
    private static final Shape CUSTOM_KEY_STORE_ID = text(1, 64);
    private static final Shape TAG_KEY = text(1, 128);
    private static final Shape TAGS = listOf(struct(required("TagKey", TAG_KEY), required("TagValue", text(0, 256))));
    static final Shape GRANT_TOKENS = new Shape.ListOf(text(1, 8192), 0, 10, true);
    static final Shape LIMIT = new Shape.Int(1, 1000);
    static final Shape MARKER = text(1, 1024, "[\\u0020-\\u00FF]*");
    private static final Shape ALGORITHM =
            oneOf("SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE");
    private static final Shape CIPHERTEXT = new Shape.Blob(1, 6144);
    static final Shape CONTEXT = new Shape.TextMap();
    private static final Shape NUMBER_OF_BYTES = new Shape.Int(1, 1024);
    private static final Shape DATA_KEY_SPEC = oneOf("AES_256", "AES_128");
    private static final Shape DRY_RUN_MODIFIERS = listOf(oneOf("IGNORE_CIPHERTEXT"));
    private static final Shape RECIPIENT = struct(
            optional("KeyEncryptionAlgorithm", oneOf("RSAES_OAEP_SHA_256")),
            optional("AttestationDocument", new Shape.Blob(1, 262144)));
    private static final Struct KEY_ONLY = struct(required("KeyId", KEY_ID));

    private ApiModel() {}

    static Struct input(Operation operation) {
        return switch (operation) {
            case CREATE_KEY -> CREATE_KEY;
            case DESCRIBE_KEY -> DESCRIBE_KEY;
            case LIST_KEYS -> LIST_KEYS;
            case SCHEDULE_KEY_DELETION -> SCHEDULE_KEY_DELETION;
            case UPDATE_KEY_DESCRIPTION -> UPDATE_KEY_DESCRIPTION;
            case CREATE_ALIAS, UPDATE_ALIAS -> ALIAS_AND_TARGET;
            case DELETE_ALIAS -> DELETE_ALIAS;
            case LIST_ALIASES -> LIST_ALIASES;
            case CREATE_GRANT -> GrantModel.CREATE_GRANT;
            case LIST_GRANTS -> GrantModel.LIST_GRANTS;
            case LIST_RETIRABLE_GRANTS -> GrantModel.LIST_RETIRABLE_GRANTS;
            case RETIRE_GRANT -> GrantModel.RETIRE_GRANT;
            case REVOKE_GRANT -> GrantModel.REVOKE_GRANT;
            case TAG_RESOURCE -> TAG_RESOURCE;
            case UNTAG_RESOURCE -> UNTAG_RESOURCE;
            case LIST_RESOURCE_TAGS, LIST_KEY_POLICIES -> LIST_OF_KEY;
            case GET_KEY_POLICY -> GET_KEY_POLICY;
            case PUT_KEY_POLICY -> PUT_KEY_POLICY;
            case ENCRYPT -> ENCRYPT;
            case DECRYPT -> DECRYPT;
            case RE_ENCRYPT -> RE_ENCRYPT;
            case GENERATE_DATA_KEY -> GENERATE_DATA_KEY;
            case GENERATE_DATA_KEY_WITHOUT_PLAINTEXT -> GENERATE_DATA_KEY_WITHOUT_PLAINTEXT;
            case GENERATE_RANDOM -> GENERATE_RANDOM;
            case ENABLE_KEY_ROTATION -> ENABLE_KEY_ROTATION;
            case LIST_KEY_ROTATIONS -> LIST_KEY_ROTATIONS;
            case ENABLE_KEY,
                    DISABLE_KEY,
                    CANCEL_KEY_DELETION,
                    DISABLE_KEY_ROTATION,
                    GET_KEY_ROTATION_STATUS,
                    ROTATE_KEY_ON_DEMAND -> KEY_ONLY;
        };
    }

    private static final Struct CREATE_KEY = struct(
            optional("Policy", POLICY),
            optional("Description", DESCRIPTION),
            optional("KeyUsage", KEY_USAGE),
            optional("CustomerMasterKeySpec", MASTER_KEY_SPEC),
            optional("KeySpec", KEY_SPEC),
            optional("Origin", ORIGIN),
            optional("CustomKeyStoreId", CUSTOM_KEY_STORE_ID),
            optional("BypassPolicyLockoutSafetyCheck", BOOL),
            optional("Tags", TAGS),
            optional("MultiRegion", BOOL),
            optional("XksKeyId", text(1, 128, "^[a-zA-Z0-9-_.]+$")));
    private static final Struct DESCRIBE_KEY = struct(required("KeyId", KEY_ID), optional("GrantTokens", GRANT_TOKENS));
    private static final Struct LIST_KEYS = struct(
            optional("Limit", LIMIT),
            optional("Marker", MARKER),
            optional("ResourceOwners", new Shape.ListOf(oneOf("SELF", "OTHER_ACCOUNTS_VIA_RAM"), 1, 2, false)));
    private static final Struct SCHEDULE_KEY_DELETION =
            struct(required("KeyId", KEY_ID), optional("PendingWindowInDays", new Shape.Int(1, 365)));
    private static final Struct UPDATE_KEY_DESCRIPTION =
            struct(required("KeyId", KEY_ID), required("Description", DESCRIPTION));
    private static final Struct ALIAS_AND_TARGET =
            struct(required("AliasName", ALIAS_NAME), required("TargetKeyId", KEY_ID));
    private static final Struct DELETE_ALIAS = struct(required("AliasName", ALIAS_NAME));
    private static final Struct LIST_ALIASES =
            struct(optional("KeyId", KEY_ID), optional("Limit", LIMIT), optional("Marker", MARKER));
    private static final Struct TAG_RESOURCE = struct(required("KeyId", KEY_ID), required("Tags", TAGS));
    private static final Struct UNTAG_RESOURCE =
            struct(required("KeyId", KEY_ID), required("TagKeys", listOf(TAG_KEY)));
    private static final Struct LIST_OF_KEY =
            struct(required("KeyId", KEY_ID), optional("Limit", LIMIT), optional("Marker", MARKER));
    private static final Struct GET_KEY_POLICY = struct(required("KeyId", KEY_ID), optional("PolicyName", POLICY_NAME));
    private static final Struct PUT_KEY_POLICY = struct(
            required("KeyId", KEY_ID),
            optional("PolicyName", POLICY_NAME),
            required("Policy", POLICY),
            optional("BypassPolicyLockoutSafetyCheck", BOOL));
    private static final Struct ENCRYPT = struct(
            required("KeyId", KEY_ID),
            required("Plaintext", new Shape.Blob(1, 4096)),
            optional("EncryptionContext", CONTEXT),
            optional("GrantTokens", GRANT_TOKENS),
            optional("EncryptionAlgorithm", ALGORITHM),
            optional("DryRun", BOOL));
    private static final Struct DECRYPT = struct(
            optional("CiphertextBlob", CIPHERTEXT),
            optional("EncryptionContext", CONTEXT),
            optional("GrantTokens", GRANT_TOKENS),
            optional("KeyId", KEY_ID),
            optional("EncryptionAlgorithm", ALGORITHM),
            optional("Recipient", RECIPIENT),
            optional("DryRun", BOOL),
            optional("DryRunModifiers", DRY_RUN_MODIFIERS));
    private static final Struct RE_ENCRYPT = struct(
            optional("CiphertextBlob", CIPHERTEXT),
            optional("SourceEncryptionContext", CONTEXT),
            optional("SourceKeyId", KEY_ID),
            required("DestinationKeyId", KEY_ID),
            optional("DestinationEncryptionContext", CONTEXT),
            optional("SourceEncryptionAlgorithm", ALGORITHM),
            optional("DestinationEncryptionAlgorithm", ALGORITHM),
            optional("GrantTokens", GRANT_TOKENS),
            optional("DryRun", BOOL),
            optional("DryRunModifiers", DRY_RUN_MODIFIERS));
    private static final Struct GENERATE_DATA_KEY = struct(
            required("KeyId", KEY_ID),
            optional("EncryptionContext", CONTEXT),
            optional("NumberOfBytes", NUMBER_OF_BYTES),
            optional("KeySpec", DATA_KEY_SPEC),
            optional("GrantTokens", GRANT_TOKENS),
            optional("Recipient", RECIPIENT),
            optional("DryRun", BOOL));
    private static final Struct GENERATE_DATA_KEY_WITHOUT_PLAINTEXT = struct(
            required("KeyId", KEY_ID),
            optional("EncryptionContext", CONTEXT),
            optional("KeySpec", DATA_KEY_SPEC),
            optional("NumberOfBytes", NUMBER_OF_BYTES),
            optional("GrantTokens", GRANT_TOKENS),
            optional("DryRun", BOOL));
    private static final Struct GENERATE_RANDOM = struct(
            optional("NumberOfBytes", NUMBER_OF_BYTES),
            optional("CustomKeyStoreId", CUSTOM_KEY_STORE_ID),
            optional("Recipient", RECIPIENT));
    private static final Struct ENABLE_KEY_ROTATION =
            struct(required("KeyId", KEY_ID), optional("RotationPeriodInDays", new Shape.Int(90, 2560)));
    private static final Struct LIST_KEY_ROTATIONS = struct(
            required("KeyId", KEY_ID),
            optional("IncludeKeyMaterial", oneOf("ALL_KEY_MATERIAL", "ROTATIONS_ONLY")),
            optional("Limit", LIMIT),
            optional("Marker", MARKER));
}

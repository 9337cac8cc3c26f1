package dev.sallyport.kms.service;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The operations that a grant can allow, in the API's names.
 *
 * @see <a href="https://docs.aws.amazon.com/kms/latest/developerguide/grants.html#terms-grant-operations">Grant operations</a>
 */
public enum GrantOperation {
    DECRYPT("Decrypt", true, KeyKinds.ENCRYPTS),
    ENCRYPT("Encrypt", true, KeyKinds.ENCRYPTS),
    GENERATE_DATA_KEY("GenerateDataKey", true, KeyKinds.SYMMETRIC),
    GENERATE_DATA_KEY_WITHOUT_PLAINTEXT("GenerateDataKeyWithoutPlaintext", true, KeyKinds.SYMMETRIC),
    RE_ENCRYPT_FROM("ReEncryptFrom", true, KeyKinds.ENCRYPTS),
    RE_ENCRYPT_TO("ReEncryptTo", true, KeyKinds.ENCRYPTS),
    SIGN("Sign", false, KeyKinds.SIGNS),
    VERIFY("Verify", false, KeyKinds.SIGNS),
    GET_PUBLIC_KEY("GetPublicKey", false, KeyKinds.ASYMMETRIC),
    CREATE_GRANT("CreateGrant", false, KeyKinds.ALL),
    RETIRE_GRANT("RetireGrant", false, KeyKinds.ALL),
    DESCRIBE_KEY("DescribeKey", false, KeyKinds.ALL),
    GENERATE_DATA_KEY_PAIR("GenerateDataKeyPair", true, KeyKinds.SYMMETRIC),
    GENERATE_DATA_KEY_PAIR_WITHOUT_PLAINTEXT("GenerateDataKeyPairWithoutPlaintext", true, KeyKinds.SYMMETRIC),
    GENERATE_MAC("GenerateMac", false, KeyKinds.MACS),
    VERIFY_MAC("VerifyMac", false, KeyKinds.MACS),
    DERIVE_SHARED_SECRET("DeriveSharedSecret", false, KeyKinds.AGREES),
    ENCAPSULATE("Encapsulate", false, KeyKinds.ENCAPSULATES),
    DECAPSULATE("Decapsulate", false, KeyKinds.ENCAPSULATES);

    /** Which keys an operation works with. */
    private enum KeyKinds {
        ALL,
        SYMMETRIC,
        ASYMMETRIC,
        ENCRYPTS,
        SIGNS,
        MACS,
        AGREES,
        ENCAPSULATES
    }

    private static final Map<String, GrantOperation> BY_NAME;

    static {
        Map<String, GrantOperation> byName = new HashMap<>();
        for (GrantOperation operation : values()) {
            byName.put(operation.wireName, operation);
        }
        BY_NAME = Collections.unmodifiableMap(byName);
    }

    private final String wireName;
    private final boolean takesContext;
    private final KeyKinds keys;

    GrantOperation(String wireName, boolean takesContext, KeyKinds keys) {
        this.wireName = wireName;
        this.takesContext = takesContext;
        this.keys = keys;
    }

    /** The operation of this name; null for one that no grant allows. */
    public static @Nullable GrantOperation of(String wireName) {
        return BY_NAME.get(wireName);
    }

    /** The operation that an action such as {@code kms:ReEncryptFrom} stands for; null for one that no grant allows. */
    static @Nullable GrantOperation ofAction(String action) {
        return action.startsWith("kms:") ? BY_NAME.get(action.substring("kms:".length())) : null;
    }

    public String wireName() {
        return wireName;
    }

    /** Whether the operation has an encryption context, which a grant's constraint then speaks of. */
    boolean takesContext() {
        return takesContext;
    }

    /**
     * Whether keys of this kind have the operation.
     *
     * @param keySpec such as {@code SYMMETRIC_DEFAULT} or {@code RSA_2048}
     * @param keyUsage such as {@code ENCRYPT_DECRYPT}
     */
    boolean supportedBy(String keySpec, String keyUsage) {
        boolean symmetric = keySpec.equals("SYMMETRIC_DEFAULT");
        return switch (keys) {
            case ALL -> true;
            case SYMMETRIC -> symmetric;
            case ASYMMETRIC -> !symmetric && !keySpec.startsWith("HMAC_");
            case ENCRYPTS -> keyUsage.equals("ENCRYPT_DECRYPT");
            case SIGNS -> keyUsage.equals("SIGN_VERIFY");
            case MACS -> keyUsage.equals("GENERATE_VERIFY_MAC");
            case AGREES -> keyUsage.equals("KEY_AGREEMENT");
            case ENCAPSULATES -> keyUsage.equals("ENCAPSULATE_DECAPSULATE");
        };
    }
}

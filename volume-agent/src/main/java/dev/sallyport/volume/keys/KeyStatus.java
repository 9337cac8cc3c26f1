package dev.sallyport.volume.keys;

import dev.sallyport.kms.KmsException;

/** What the KMS says of a volume's key. Only a {@link Revoked} one is acted upon: an outage is no revocation. */
public sealed interface KeyStatus {
    /** The KMS opened it. */
    record Usable() implements KeyStatus {}

    /**
     * The KMS refused for a reason that somebody gave it: disabled, invalid state, not found, access denied.
     *
     * @param reason for people
     */
    record Revoked(String reason) implements KeyStatus {}

    /**
     * The KMS did not answer, or not about the key: time-out, 5xx, throttling, failed authentication.
     *
     * @param reason for people
     */
    record Unknown(String reason) implements KeyStatus {}

    /** What a refusal means. */
    static KeyStatus of(KmsException e) {
        String reason = e.code().wireName() + (e.getMessage().isEmpty() ? "" : ": " + e.getMessage());
        return switch (e.code()) {
            case DISABLED, INVALID_STATE, NOT_FOUND, ACCESS_DENIED -> new Revoked(reason);
            case ALREADY_EXISTS,
                    DRY_RUN,
                    INCORRECT_KEY,
                    INTERNAL,
                    INVALID_ALIAS_NAME,
                    INVALID_ARN,
                    INVALID_CIPHERTEXT,
                    INVALID_GRANT_ID,
                    INVALID_GRANT_TOKEN,
                    INVALID_KEY_USAGE,
                    INVALID_MARKER,
                    KEY_UNAVAILABLE,
                    LIMIT_EXCEEDED,
                    MALFORMED_POLICY,
                    NOT_AUTHORIZED,
                    SERIALIZATION,
                    TAG,
                    THROTTLING,
                    UNKNOWN_OPERATION,
                    UNSUPPORTED_OPERATION,
                    VALIDATION,
                    CONFLICT,
                    DEPENDENCY_TIMEOUT -> new Unknown(reason);
        };
    }
}

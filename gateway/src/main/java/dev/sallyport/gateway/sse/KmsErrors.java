package dev.sallyport.gateway.sse;

import dev.sallyport.gateway.s3.S3Errors;
import dev.sallyport.gateway.s3.S3Exception;
import dev.sallyport.kms.KmsException;

/**
 * Errors of the KMS as S3 shows them: a key that is not there or not usable is {@code KMS.…Exception} with status 400, a
 * denial is {@code AccessDenied} with 403.
 */
public final class KmsErrors {
    private KmsErrors() {}

    public static S3Exception toS3(KmsException error) {
        return switch (error.code()) {
            case ACCESS_DENIED, NOT_AUTHORIZED -> new S3Exception(403, "AccessDenied", denied(error.getMessage()));
            case NOT_FOUND, DISABLED, INVALID_STATE, INVALID_KEY_USAGE, KEY_UNAVAILABLE ->
                new S3Exception(400, "KMS." + error.code().wireName(), error.getMessage());
            case INVALID_ARN, VALIDATION -> new S3Exception(400, "KMS.NotFoundException", error.getMessage());
            case THROTTLING, LIMIT_EXCEEDED -> new S3Exception(503, "SlowDown", "Please reduce your request rate.");
            case INTERNAL, DEPENDENCY_TIMEOUT ->
                new S3Exception(503, "ServiceUnavailable", "Service is unable to handle request.");
            case INVALID_CIPHERTEXT, INCORRECT_KEY -> S3Errors.accessDenied();
            case ALREADY_EXISTS,
                    CONFLICT,
                    DRY_RUN,
                    INVALID_ALIAS_NAME,
                    INVALID_GRANT_ID,
                    INVALID_GRANT_TOKEN,
                    INVALID_MARKER,
                    MALFORMED_POLICY,
                    SERIALIZATION,
                    TAG,
                    UNKNOWN_OPERATION,
                    UNSUPPORTED_OPERATION ->
                new S3Exception(500, "InternalError", "We encountered an internal error. Please try again.");
        };
    }

    private static String denied(String message) {
        return message.isEmpty() ? "Access Denied" : message;
    }
}

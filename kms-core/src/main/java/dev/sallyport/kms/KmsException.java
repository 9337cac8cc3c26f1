package dev.sallyport.kms;

/**
 * A KMS request that was refused, with the error that its client sees. The message is the client's too, so it never holds
 * a secret. Without a stack trace: it is an answer, not a defect.
 */
public final class KmsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Code code;

    public KmsException(Code code, String message) {
        super(message, null, false, false);
        this.code = code;
    }

    public Code code() {
        return code;
    }

    /** The empty message is AWS's own: why a ciphertext did not open is nobody's business. */
    public static KmsException invalidCiphertext() {
        return new KmsException(Code.INVALID_CIPHERTEXT, "");
    }

    @Override
    public String getMessage() {
        String message = super.getMessage();
        return message == null ? "" : message;
    }

    /** Every error of the API model that this service answers, and the generic ones that the model leaves out. */
    public enum Code {
        ACCESS_DENIED("AccessDeniedException", 400),
        ALREADY_EXISTS("AlreadyExistsException", 400),
        DISABLED("DisabledException", 400),
        DRY_RUN("DryRunOperationException", 400),
        INCORRECT_KEY("IncorrectKeyException", 400),
        INTERNAL("KMSInternalException", 500),
        INVALID_ALIAS_NAME("InvalidAliasNameException", 400),
        INVALID_ARN("InvalidArnException", 400),
        INVALID_GRANT_ID("InvalidGrantIdException", 400),
        INVALID_GRANT_TOKEN("InvalidGrantTokenException", 400),
        INVALID_CIPHERTEXT("InvalidCiphertextException", 400),
        INVALID_KEY_USAGE("InvalidKeyUsageException", 400),
        INVALID_MARKER("InvalidMarkerException", 400),
        INVALID_STATE("KMSInvalidStateException", 400),
        KEY_UNAVAILABLE("KeyUnavailableException", 500),
        LIMIT_EXCEEDED("LimitExceededException", 400),
        MALFORMED_POLICY("MalformedPolicyDocumentException", 400),
        NOT_AUTHORIZED("NotAuthorizedException", 400),
        NOT_FOUND("NotFoundException", 400),
        SERIALIZATION("SerializationException", 400),
        TAG("TagException", 400),
        THROTTLING("ThrottlingException", 400),
        UNKNOWN_OPERATION("UnknownOperationException", 400),
        UNSUPPORTED_OPERATION("UnsupportedOperationException", 400),
        VALIDATION("ValidationException", 400),
        CONFLICT("ConflictException", 400),
        DEPENDENCY_TIMEOUT("DependencyTimeoutException", 500);

        private final String wireName;
        private final int httpStatus;

        Code(String wireName, int httpStatus) {
            this.wireName = wireName;
            this.httpStatus = httpStatus;
        }

        /** The name in {@code __type}. */
        public String wireName() {
            return wireName;
        }

        public int httpStatus() {
            return httpStatus;
        }
    }
}

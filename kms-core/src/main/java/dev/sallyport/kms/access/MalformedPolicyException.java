package dev.sallyport.kms.access;

/**
 * A policy document that is not accepted. The message is for the client that put it, and quotes at most the offending
 * element. Whoever answers maps it to the service's own error: {@code MalformedPolicyDocumentException} (KMS),
 * {@code MalformedPolicyDocument} (IAM) or {@code MalformedPolicy} (S3).
 */
public final class MalformedPolicyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public MalformedPolicyException(String message) {
        super(message, null, false, false);
    }

    @Override
    public String getMessage() {
        String message = super.getMessage();
        return message == null ? "" : message;
    }
}

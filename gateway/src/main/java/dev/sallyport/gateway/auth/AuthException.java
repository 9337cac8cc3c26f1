package dev.sallyport.gateway.auth;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A request that was not authenticated, with the error that its service answers: code, status, message, and (for S3) further
 * elements of the error's XML in their order. Without a stack trace: it is an answer, not a defect.
 */
public final class AuthException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final AwsService service;
    private final int status;
    private final String code;
    private final LinkedHashMap<String, String> details;

    AuthException(AwsService service, int status, String code, String message, Map<String, String> details) {
        super(message, null, false, false);
        this.service = service;
        this.status = status;
        this.code = code;
        this.details = new LinkedHashMap<>(details);
    }

    /** Whose form the answer has. */
    public AwsService service() {
        return service;
    }

    public int status() {
        return status;
    }

    public String code() {
        return code;
    }

    public Map<String, String> details() {
        return Collections.unmodifiableMap(details);
    }

    @Override
    public String getMessage() {
        String message = super.getMessage();
        return message == null ? "" : message;
    }
}

package dev.sallyport.gateway.s3;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A request that was refused, with the S3 error that its client sees: code, status, message, and further elements of the
 * error's XML (such as {@code BucketName}) in their order. Without a stack trace: it is an answer, not a defect.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html">S3 error responses</a>
 */
public final class S3Exception extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String code;
    private final int status;
    private final LinkedHashMap<String, String> details;

    public S3Exception(int status, String code, String message) {
        this(status, code, message, Map.of());
    }

    public S3Exception(int status, String code, String message, Map<String, String> details) {
        super(message, null, false, false);
        this.status = status;
        this.code = code;
        this.details = new LinkedHashMap<>(details);
    }

    /** The same error with one more element, after those it has. */
    public S3Exception with(String name, String value) {
        LinkedHashMap<String, String> more = new LinkedHashMap<>(details);
        more.put(name, value);
        return new S3Exception(status, code, getMessage(), more);
    }

    public String code() {
        return code;
    }

    public int status() {
        return status;
    }

    /** Unmodifiable, in the order in which the elements were added. */
    public Map<String, String> details() {
        return Collections.unmodifiableMap(details);
    }

    @Override
    public String getMessage() {
        String message = super.getMessage();
        return message == null ? "" : message;
    }
}

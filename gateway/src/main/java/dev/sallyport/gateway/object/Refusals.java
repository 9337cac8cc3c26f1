package dev.sallyport.gateway.object;

import dev.sallyport.gateway.format.ForgedObjectException;
import dev.sallyport.gateway.s3.S3Errors;
import dev.sallyport.gateway.s3.S3Exception;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What becomes of objects that are not as the gateway left them: clients see AccessDenied, the log says why. */
public final class Refusals {
    private static final Logger log = LoggerFactory.getLogger(Refusals.class);

    private Refusals() {}

    /** Logs, and gives the error for the client. */
    public static S3Exception forged(String bucket, String key, String requestId, ForgedObjectException cause) {
        log.warn("refused to serve {}/{} for request {}: {}", bucket, printable(key), requestId, cause.getMessage());
        return S3Errors.accessDenied();
    }

    /** A response was cut under way. */
    static void cut(String bucket, String key, String requestId, RuntimeException cause) {
        log.warn("cut the answer with {}/{} for request {}: {}", bucket, printable(key), requestId, cause.getMessage());
    }

    private static String printable(String key) {
        StringBuilder text = new StringBuilder(key.length());
        key.codePoints().forEach(c -> {
            if (c < 0x20 || c == 0x7F || (c >= 0x80 && c < 0xA0) || c == 0x2028 || c == 0x2029) {
                text.append(String.format("\\u%04x", c));
            } else {
                text.appendCodePoint(c);
            }
        });
        return text.toString();
    }
}

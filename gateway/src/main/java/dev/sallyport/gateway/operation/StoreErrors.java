package dev.sallyport.gateway.operation;

import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.backend.BackendUnavailableException;
import dev.sallyport.gateway.s3.S3Errors;
import dev.sallyport.gateway.s3.S3Exception;
import dev.sallyport.gateway.s3.XmlElement;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Answers of the store that are no success, as the gateway's clients see them: in the gateway's names and AWS's words. What
 * is the gateway's own affair (its credentials, the store's load or failure) is 503 and a line in the log.
 */
public final class StoreErrors {
    private static final int MAX_ERROR = 64 * 1024;

    /** The store refuses the gateway itself. */
    private static final Set<String> OF_CREDENTIALS = Set.of(
            "AccessDenied",
            "InvalidAccessKeyId",
            "SignatureDoesNotMatch",
            "RequestTimeTooSkewed",
            "AuthorizationHeaderMalformed",
            "ExpiredToken",
            "InvalidToken");

    /** Errors that clients may see as the store words them; AWS's words are used where the gateway has them. */
    private static final Map<String, Integer> PASSED = Map.ofEntries(
            Map.entry("BucketAlreadyOwnedByYou", 409),
            Map.entry("BucketAlreadyExists", 409),
            Map.entry("ConditionalRequestConflict", 409),
            Map.entry("InvalidArgument", 400),
            Map.entry("InvalidBucketName", 400),
            Map.entry("InvalidRequest", 400),
            Map.entry("InvalidStorageClass", 400),
            Map.entry("InvalidObjectState", 403),
            Map.entry("KeyTooLongError", 400),
            Map.entry("EntityTooLarge", 400),
            Map.entry("MetadataTooLarge", 400),
            Map.entry("MethodNotAllowed", 405),
            Map.entry("InvalidPart", 400),
            Map.entry("InvalidPartOrder", 400),
            Map.entry("InvalidRange", 416),
            Map.entry("NotImplemented", 501));

    private StoreErrors() {}

    /**
     * Reads and closes an unsuccessful answer.
     *
     * @param bucket the gateway's name
     * @param key null for a request on the bucket
     * @return what the client is to see
     * @throws BackendUnavailableException when the fault is between gateway and store
     */
    public static S3Exception of(BackendResponse response, String bucket, @Nullable String key) {
        try (response) {
            int status = response.status();
            XmlElement error = status == 304 ? null : XmlElement.parseOrNull(response.readBody(MAX_ERROR));
            String code = error == null ? null : error.childText("Code");
            String message = error == null ? null : error.childText("Message");
            return map(status, code == null ? "" : code, message == null ? "" : message, bucket, key);
        }
    }

    /** The same for an error without its answer, such as one entry of a list, or one inside of a 200. */
    public static S3Exception map(int status, String code, String message, String bucket, @Nullable String key) {
        if (OF_CREDENTIALS.contains(code)) {
            throw new BackendUnavailableException("the store refuses the gateway: " + status + " " + code);
        }
        return switch (code) {
            case "NoSuchBucket" -> S3Errors.noSuchBucket(bucket);
            case "NoSuchKey" -> S3Errors.noSuchKey(key == null ? "" : key);
            case "PreconditionFailed" -> S3Errors.preconditionFailed("If-Match");
            case "BucketNotEmpty" ->
                new S3Exception(409, code, "The bucket you tried to delete is not empty").with("BucketName", bucket);
            case "InvalidObjectName", "XMinioInvalidObjectName" ->
                S3Errors.invalidArgument("The store cannot hold an object of this key: " + message, "Key", key);
            case "SlowDown", "SlowDownRead", "SlowDownWrite", "TooManyRequests" ->
                new S3Exception(503, "SlowDown", "Please reduce your request rate.");
            default -> other(status, code, message, bucket, key);
        };
    }

    private static S3Exception other(int status, String code, String message, String bucket, @Nullable String key) {
        Integer passed = PASSED.get(code);
        if (passed != null) {
            return new S3Exception(passed, code, message);
        }
        // Answers to HEAD, and those of proxies, have no code.
        return switch (status) {
            // Of a HEAD for a key that the store cannot hold.
            case 400 -> S3Errors.invalidRequest("The store refuses this request.");
            case 304 -> new S3Exception(304, "NotModified", "Not Modified");
            case 404 -> key == null ? S3Errors.noSuchBucket(bucket) : S3Errors.noSuchKey(key);
            case 412 -> S3Errors.preconditionFailed("If-Match");
            case 429 -> new S3Exception(503, "SlowDown", "Please reduce your request rate.");
            case 501 -> S3Errors.notImplemented("request, since the store behind does not");
            default -> throw new BackendUnavailableException("the store answered " + status + " " + code);
        };
    }
}

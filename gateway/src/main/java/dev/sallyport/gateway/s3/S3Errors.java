package dev.sallyport.gateway.s3;

import org.jspecify.annotations.Nullable;

/** The errors of S3 that more than one place answers, with AWS's own texts. */
public final class S3Errors {
    private S3Errors() {}

    public static S3Exception accessDenied() {
        return new S3Exception(403, "AccessDenied", "Access Denied");
    }

    public static S3Exception noSuchBucket(String bucket) {
        return new S3Exception(404, "NoSuchBucket", "The specified bucket does not exist").with("BucketName", bucket);
    }

    public static S3Exception noSuchKey(String key) {
        return new S3Exception(404, "NoSuchKey", "The specified key does not exist.").with("Key", key);
    }

    public static S3Exception noSuchUpload(String uploadId) {
        return new S3Exception(
                        404,
                        "NoSuchUpload",
                        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.")
                .with("UploadId", uploadId);
    }

    /** @param condition the header whose condition did not hold, such as {@code If-Match} */
    public static S3Exception preconditionFailed(String condition) {
        return new S3Exception(
                        412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
                .with("Condition", condition);
    }

    public static S3Exception conditionalRequestConflict(String condition, String key) {
        return new S3Exception(
                        409,
                        "ConditionalRequestConflict",
                        "The conditional request cannot succeed due to a conflicting operation against this resource.")
                .with("Condition", condition)
                .with("Key", key);
    }

    /** @param value what was sent; null when the argument is missing or AWS does not repeat it */
    public static S3Exception invalidArgument(String message, String name, @Nullable String value) {
        S3Exception error = new S3Exception(400, "InvalidArgument", message).with("ArgumentName", name);
        return value == null ? error : error.with("ArgumentValue", value);
    }

    public static S3Exception invalidRequest(String message) {
        return new S3Exception(400, "InvalidRequest", message);
    }

    public static S3Exception malformedXml() {
        return new S3Exception(
                400,
                "MalformedXML",
                "The XML you provided was not well-formed or did not validate against our published schema");
    }

    public static S3Exception invalidUri(String rawTarget) {
        return new S3Exception(400, "InvalidURI", "Couldn't parse the specified URI.").with("URI", rawTarget);
    }

    public static S3Exception methodNotAllowed(String method, String resourceType) {
        return new S3Exception(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")
                .with("Method", method)
                .with("ResourceType", resourceType);
    }

    /** Something that S3 has and this gateway has not; {@code what} names it, such as {@code subresource 'acl'}. */
    public static S3Exception notImplemented(String what) {
        return new S3Exception(501, "NotImplemented", "The gateway does not implement the " + what + ".");
    }

    /** A header, or a value of it, that the gateway does not implement; the message names it. */
    public static S3Exception headerNotImplemented(String header) {
        return new S3Exception(
                        501,
                        "NotImplemented",
                        "A header you provided implies functionality that is not implemented: " + header)
                .with("Header", header);
    }

    /** A conditional header that AWS itself refuses, in AWS's words. */
    static S3Exception conditionNotImplemented(String header, @Nullable String additionalMessage) {
        S3Exception error = new S3Exception(
                        501, "NotImplemented", "A header you provided implies functionality that is not implemented")
                .with("Header", header);
        return additionalMessage == null ? error : error.with("additionalMessage", additionalMessage);
    }
}

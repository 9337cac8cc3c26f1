package dev.sallyport.gateway.auth;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How each service says what is wrong with a signature.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html">S3 error responses</a>
 * @see <a href="https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html">KMS common errors</a>
 */
final class AuthErrors {
    private static final String INVALID_TOKEN = "The security token included in the request is invalid.";

    private final AwsService service;

    AuthErrors(AwsService service) {
        this.service = service;
    }

    /** No signature of any kind: nobody is anonymous here. */
    AuthException missing() {
        return switch (service) {
            case S3 -> error(403, "AccessDenied", "Access Denied");
            case KMS -> error(400, "MissingAuthenticationTokenException", "Request is missing Authentication Token");
            case STS -> error(403, "MissingAuthenticationToken", "Request is missing Authentication Token");
        };
    }

    AuthException twoMechanisms() {
        return service == AwsService.S3
                ? error(
                        400,
                        "InvalidArgument",
                        "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string"
                                + " parameter or the Authorization header should be specified",
                        Map.of("ArgumentName", "Authorization"))
                : incomplete("Only one auth mechanism allowed");
    }

    /** A scheme of another kind, by its name: SigV2, SigV4A. */
    AuthException unsupported(String scheme) {
        String message = "The authorization mechanism you have provided (" + scheme + ") is not supported. Please use "
                + SigV4.ALGORITHM + ".";
        return service == AwsService.S3 ? error(400, "InvalidRequest", message) : incomplete(message);
    }

    /** The Authorization header, or the query's parameters, cannot be parsed. */
    AuthException malformed(boolean query, String what) {
        if (service != AwsService.S3) {
            return incomplete(what);
        }
        return query
                ? error(400, "AuthorizationQueryParametersError", what)
                : error(400, "AuthorizationHeaderMalformed", "The authorization header is malformed; " + what);
    }

    AuthException wrongRegion(boolean query, String given, String expected) {
        return switch (service) {
            case S3 -> {
                String what = "the region '" + given + "' is wrong; expecting '" + expected + "'";
                yield query
                        ? error(
                                400,
                                "AuthorizationQueryParametersError",
                                "Error parsing the X-Amz-Credential parameter; " + what,
                                Map.of("Region", expected))
                        : error(
                                400,
                                "AuthorizationHeaderMalformed",
                                "The authorization header is malformed; " + what,
                                Map.of("Region", expected));
            }
            case KMS ->
                error(
                        400,
                        "InvalidSignatureException",
                        "Credential should be scoped to a valid region, not '" + given + "'. ");
            case STS ->
                error(
                        403,
                        "SignatureDoesNotMatch",
                        "Credential should be scoped to a valid region, not '" + given + "'. ");
        };
    }

    AuthException noDate() {
        return switch (service) {
            case S3 -> error(403, "AccessDenied", "AWS authentication requires a valid Date or x-amz-date header");
            case KMS, STS ->
                incomplete("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
        };
    }

    AuthException skewed(Instant signed, Instant now) {
        boolean early = signed.isAfter(now);
        String text = early
                ? "Signature not yet current: " + SigV4.amzDate(signed) + " is still later than "
                        + SigV4.amzDate(now.plus(SigV4Verifier.SKEW)) + " (" + SigV4.amzDate(now) + " + 15 min.)"
                : "Signature expired: " + SigV4.amzDate(signed) + " is now earlier than "
                        + SigV4.amzDate(now.minus(SigV4Verifier.SKEW)) + " (" + SigV4.amzDate(now) + " - 15 min.)";
        return switch (service) {
            case S3 -> {
                Map<String, String> details = new LinkedHashMap<>();
                details.put("RequestTime", SigV4.amzDate(signed));
                details.put("ServerTime", now.truncatedTo(ChronoUnit.SECONDS).toString());
                details.put("MaxAllowedSkewMilliseconds", String.valueOf(SigV4Verifier.SKEW.toMillis()));
                yield error(
                        403,
                        "RequestTimeTooSkewed",
                        "The difference between the request time and the current time is too large.",
                        details);
            }
            case KMS -> error(400, "InvalidSignatureException", text);
            case STS -> error(403, "SignatureDoesNotMatch", text);
        };
    }

    /** A presigned URL before its time. */
    AuthException notYetValid(Instant signed, Instant now) {
        return service == AwsService.S3
                ? error(
                        403,
                        "AccessDenied",
                        "Request is not valid yet",
                        Map.of("ServerTime", now.truncatedTo(ChronoUnit.SECONDS).toString()))
                : skewed(signed, now);
    }

    /** A presigned URL after its time. */
    AuthException expired(Instant signed, Duration lifetime, Instant now) {
        if (service != AwsService.S3) {
            return skewed(signed, now);
        }
        Map<String, String> details = new LinkedHashMap<>();
        details.put("X-Amz-Expires", String.valueOf(lifetime.toSeconds()));
        details.put("Expires", signed.plus(lifetime).toString());
        details.put("ServerTime", now.truncatedTo(ChronoUnit.SECONDS).toString());
        return error(403, "AccessDenied", "Request has expired", details);
    }

    /** A session token: this installation issues none. */
    AuthException unexpectedToken() {
        return switch (service) {
            case S3 -> error(400, "InvalidToken", "The provided token is malformed or otherwise invalid.");
            case KMS -> error(400, "UnrecognizedClientException", INVALID_TOKEN);
            case STS -> error(403, "InvalidClientTokenId", INVALID_TOKEN);
        };
    }

    AuthException unknownKey(String accessKeyId) {
        return switch (service) {
            case S3 ->
                error(
                        403,
                        "InvalidAccessKeyId",
                        "The AWS Access Key Id you provided does not exist in our records.",
                        Map.of("AWSAccessKeyId", accessKeyId));
            case KMS -> error(400, "UnrecognizedClientException", INVALID_TOKEN);
            case STS -> error(403, "InvalidClientTokenId", INVALID_TOKEN);
        };
    }

    AuthException unsignedHeaders(String names) {
        return service == AwsService.S3
                ? error(
                        403,
                        "AccessDenied",
                        "There were headers present in the request which were not signed",
                        Map.of("HeadersNotSigned", names))
                : incomplete("There were headers present in the request which were not signed: " + names);
    }

    AuthException mismatch(String accessKeyId, String signature, String stringToSign, String canonicalRequest) {
        String longText =
                "The request signature we calculated does not match the signature you provided. Check your AWS"
                        + " Secret Access Key and signing method. Consult the service documentation for details.";
        return switch (service) {
            case S3 -> {
                Map<String, String> details = new LinkedHashMap<>();
                details.put("AWSAccessKeyId", accessKeyId);
                details.put("StringToSign", stringToSign);
                details.put("SignatureProvided", signature);
                details.put("StringToSignBytes", bytes(stringToSign));
                details.put("CanonicalRequest", canonicalRequest);
                details.put("CanonicalRequestBytes", bytes(canonicalRequest));
                yield error(
                        403,
                        "SignatureDoesNotMatch",
                        "The request signature we calculated does not match the signature you provided. Check your key and"
                                + " signing method.",
                        details);
            }
            case KMS -> error(400, "InvalidSignatureException", longText);
            case STS -> error(403, "SignatureDoesNotMatch", longText);
        };
    }

    AuthException badUri() {
        return service == AwsService.S3
                ? error(400, "InvalidURI", "Couldn't parse the specified URI.")
                : incomplete("Couldn't parse the specified URI.");
    }

    AuthException invalidRequest(String message) {
        return service == AwsService.S3 ? error(400, "InvalidRequest", message) : incomplete(message);
    }

    AuthException invalidArgument(String message, String name, String value) {
        Map<String, String> details = new LinkedHashMap<>();
        details.put("ArgumentName", name);
        details.put("ArgumentValue", value);
        return error(400, "InvalidArgument", message, details);
    }

    AuthException missingLength() {
        return error(411, "MissingContentLength", "You must provide the Content-Length HTTP header.");
    }

    AuthException notImplemented(String message) {
        return error(501, "NotImplemented", message);
    }

    private AuthException incomplete(String message) {
        return switch (service) {
            case KMS -> error(400, "IncompleteSignatureException", message);
            case STS, S3 -> error(400, "IncompleteSignature", message);
        };
    }

    private AuthException error(int status, String code, String message) {
        return error(status, code, message, Map.of());
    }

    private AuthException error(int status, String code, String message, Map<String, String> details) {
        return new AuthException(service, status, code, message, details);
    }

    /** As AWS shows them: hex pairs with blanks. */
    private static String bytes(String text) {
        StringBuilder out = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            if (!out.isEmpty()) {
                out.append(' ');
            }
            out.append(Character.forDigit(b >> 4 & 15, 16)).append(Character.forDigit(b & 15, 16));
        }
        return out.toString();
    }
}

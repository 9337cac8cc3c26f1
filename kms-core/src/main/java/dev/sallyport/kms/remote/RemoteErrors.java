package dev.sallyport.kms.remote;

import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.KmsException.Code;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * What the SDK threw, as an error of this service. A refusal of the remote keeps its code and message. Whatever says nothing
 * about the key (no answer, 5xx, credentials that were not accepted) becomes one of the codes of status 500, so that nobody
 * takes an outage for a revocation.
 */
final class RemoteErrors {
    private static final int MAX_MESSAGE = 1024;

    /** What AWS answers to a request whose signature or credentials it does not accept. */
    private static final Set<String> AUTHENTICATION = Set.of(
            "UnrecognizedClientException",
            "InvalidClientTokenId",
            "InvalidSignatureException",
            "SignatureDoesNotMatch",
            "IncompleteSignatureException",
            "IncompleteSignature",
            "MissingAuthenticationTokenException",
            "MissingAuthenticationToken",
            "ExpiredTokenException",
            "ExpiredToken",
            "RequestExpired",
            "OptInRequired");

    private RemoteErrors() {}

    static KmsException translate(SdkException e) {
        if (e instanceof AwsServiceException service) {
            return refused(service);
        }
        if (e instanceof ApiCallTimeoutException || e instanceof ApiCallAttemptTimeoutException) {
            return new KmsException(Code.DEPENDENCY_TIMEOUT, "the remote KMS did not answer in time");
        }
        return new KmsException(
                Code.DEPENDENCY_TIMEOUT, "the remote KMS cannot be reached: " + bounded(rootMessage(e)));
    }

    private static KmsException refused(AwsServiceException e) {
        String name = e.awsErrorDetails() == null
                ? ""
                : Objects.requireNonNullElse(e.awsErrorDetails().errorCode(), "");
        String message = e.awsErrorDetails() == null
                ? ""
                : Objects.requireNonNullElse(e.awsErrorDetails().errorMessage(), "");
        if (e.isThrottlingException()) {
            return new KmsException(Code.THROTTLING, bounded(message));
        }
        if (AUTHENTICATION.contains(name)) {
            return new KmsException(
                    Code.INTERNAL, "the remote KMS does not accept these credentials: " + bounded(name));
        }
        for (Code code : Code.values()) {
            if (code.wireName().equals(name)) {
                return new KmsException(code, bounded(message));
            }
        }
        return new KmsException(
                Code.INTERNAL,
                "the remote KMS answered status " + e.statusCode() + (name.isEmpty() ? "" : ", " + bounded(name)));
    }

    private static String rootMessage(SdkException e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return e.getCause() == null
                ? text(e.getMessage())
                : root.getClass().getSimpleName() + ": " + text(root.getMessage());
    }

    private static String text(@Nullable String message) {
        return Objects.requireNonNullElse(message, "no reason given");
    }

    /** Foreign text: bounded, and without what would confuse a terminal or a log. */
    private static String bounded(String text) {
        String cut = text.length() > MAX_MESSAGE ? text.substring(0, MAX_MESSAGE) : text;
        return cut.replaceAll("\\p{Cntrl}", " ");
    }
}

package dev.sallyport.kms.remote;

import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How to reach a remote KMS. Credentials are no part of it: they come from the SDK's default chain (environment,
 * {@code ~/.aws/credentials} or the file that {@code AWS_SHARED_CREDENTIALS_FILE} names, the instance's role).
 *
 * @param endpoint such as {@code https://gateway.example:8443}; null for AWS's own
 * @param region to sign for; null for the SDK's default chain
 * @param attemptTimeout how long one attempt may take; a call makes up to three
 */
public record RemoteKmsOptions(
        @Nullable URI endpoint, @Nullable String region, Duration attemptTimeout) {
    /** An attempt's time unless told otherwise. */
    public static final Duration ATTEMPT_TIMEOUT = Duration.ofSeconds(5);

    public RemoteKmsOptions {
        if (endpoint != null) {
            String scheme = endpoint.getScheme();
            if (endpoint.getHost() == null || !("https".equals(scheme) || "http".equals(scheme))) {
                throw new IllegalArgumentException("the KMS endpoint is not a URL of http or https");
            }
            if (endpoint.getRawUserInfo() != null) {
                throw new IllegalArgumentException("the KMS endpoint must not hold credentials");
            }
        }
        if (region != null && !region.matches("[a-z0-9-]{1,64}")) {
            throw new IllegalArgumentException("the region is malformed");
        }
        if (attemptTimeout.isNegative() || attemptTimeout.isZero()) {
            throw new IllegalArgumentException("a time-out of " + attemptTimeout);
        }
    }
}

package dev.sallyport.gateway.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A KMS elsewhere that keeps the keys of objects: AWS KMS, or another gateway.
 *
 * @param endpoint scheme, host and port; null for AWS's own
 * @param region that requests to it are signed for
 * @param defaultKey id, ARN or alias of the customer-managed key that is used where neither request nor bucket names one
 * @param accessKeyFile file whose only line is the access key id; null for the AWS SDK's chain
 * @param secretKeyFile file whose only line is the secret key; null for the AWS SDK's chain
 * @param cacheTime how long a bucket key is used before the remote is asked again
 * @param timeout of one attempt; a call makes up to three
 */
public record RemoteKmsConfig(
        @Nullable URI endpoint,
        String region,
        String defaultKey,
        @Nullable Path accessKeyFile,
        @Nullable Path secretKeyFile,
        Duration cacheTime,
        Duration timeout) {
    private static final Duration MAX_CACHE_TIME = Duration.ofDays(1);
    private static final Duration MAX_TIMEOUT = Duration.ofMinutes(1);

    public RemoteKmsConfig {
        if ((accessKeyFile == null) != (secretKeyFile == null)) {
            throw new IllegalArgumentException("name accessKeyFile and secretKeyFile, or neither");
        }
        if (cacheTime.isZero() || cacheTime.compareTo(MAX_CACHE_TIME) > 0) {
            throw new IllegalArgumentException("cacheTime is more than 0 and at most 1d");
        }
        if (timeout.isZero() || timeout.compareTo(MAX_TIMEOUT) > 0) {
            throw new IllegalArgumentException("timeout is more than 0 and at most 1m");
        }
    }

    /** The key's name, unless it is one that AWS manages: those open for AWS's own services only. */
    static String customerManaged(String key) {
        if (key.startsWith("alias/aws/") || key.contains(":alias/aws/")) {
            throw new IllegalArgumentException(
                    key.substring(key.indexOf("alias/aws/")) + " is managed by AWS; name a customer-managed key");
        }
        if (!key.matches("[A-Za-z0-9:/_-]{1,2048}")) {
            throw new IllegalArgumentException("expected the id, ARN or alias of a key");
        }
        return key;
    }

    /** Where it is, for people. */
    public String where() {
        return endpoint == null ? "AWS KMS in " + region : endpoint.toString();
    }
}

package dev.sallyport.gateway.s3;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a request is about: the service, a bucket, or an object. The key is what stands after the bucket, decoded and
 * otherwise as it is: dots, slashes and empty segments have no meaning in it.
 *
 * @param bucket null for the service
 * @param key null for the bucket
 */
record Target(@Nullable String bucket, @Nullable String key) {
    /** In bytes of UTF-8. */
    static final int MAX_KEY = 1024;

    /**
     * @param host the Host header; null when absent
     * @param domains those under which buckets are subdomains, lower case
     */
    static Target parse(String rawTarget, @Nullable String host, List<String> domains) {
        int mark = rawTarget.indexOf('?');
        String path = mark < 0 ? rawTarget : rawTarget.substring(0, mark);
        if (!path.startsWith("/") || path.indexOf('#') >= 0) {
            throw S3Errors.invalidUri(rawTarget);
        }
        String bucket = bucketOfHost(host, domains);
        String rawKey = path.substring(1);
        if (bucket == null) {
            if (rawKey.isEmpty()) {
                return new Target(null, null);
            }
            int slash = rawKey.indexOf('/');
            bucket = PercentCoding.decode(slash < 0 ? rawKey : rawKey.substring(0, slash), false);
            if (bucket == null) {
                throw S3Errors.invalidUri(rawTarget);
            }
            rawKey = slash < 0 ? "" : rawKey.substring(slash + 1);
        }
        BucketName.require(bucket);
        if (rawKey.isEmpty()) {
            return new Target(bucket, null);
        }
        String key = PercentCoding.decode(rawKey, false);
        if (key == null) {
            throw S3Errors.invalidUri(rawTarget);
        }
        return new Target(bucket, requireKey(key));
    }

    /** @throws S3Exception {@code KeyTooLongError} */
    static String requireKey(String key) {
        int length = key.getBytes(StandardCharsets.UTF_8).length;
        if (length > MAX_KEY) {
            throw new S3Exception(400, "KeyTooLongError", "Your key is too long")
                    .with("Size", Integer.toString(length))
                    .with("MaxSizeAllowed", Integer.toString(MAX_KEY));
        }
        return key;
    }

    private static @Nullable String bucketOfHost(@Nullable String host, List<String> domains) {
        if (host == null) {
            return null;
        }
        int colon = host.lastIndexOf(':');
        String name = (colon < 0 || host.endsWith("]") ? host : host.substring(0, colon)).toLowerCase(Locale.ROOT);
        for (String domain : domains) {
            if (name.endsWith("." + domain)) {
                return name.substring(0, name.length() - domain.length() - 1);
            }
        }
        return null;
    }
}

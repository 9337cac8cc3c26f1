package dev.sallyport.gateway.object;

import dev.sallyport.gateway.format.ClearHeaders;
import dev.sallyport.gateway.format.ETags;
import dev.sallyport.gateway.format.MetadataCodec;
import dev.sallyport.gateway.format.ObjectMetadata;
import dev.sallyport.gateway.s3.ObjectHeaders;
import dev.sallyport.gateway.s3.S3Errors;
import dev.sallyport.gateway.s3.S3Exception;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An object's headers on their way to the store, and from there to a client. */
public final class StoreHeaders {
    /** What stores take of user metadata: names and values together. */
    public static final int MAX_METADATA = 2_048;

    /** The longest {@code Expires}: it lies in the object's metadata. */
    private static final int MAX_EXPIRES = 64;

    private static final String DEFAULT_TYPE = "binary/octet-stream";
    private static final String OWN_NAME = ObjectMetadata.HEADER.substring(ClearHeaders.USER_PREFIX.length());

    private static final Set<String> PASSED = Set.of(
            "content-type",
            "cache-control",
            "content-disposition",
            "content-encoding",
            "content-language",
            "last-modified",
            "x-amz-version-id",
            "x-amz-storage-class",
            "x-amz-tagging-count",
            "x-amz-expiration",
            "x-amz-restore",
            "x-amz-replication-status",
            "x-amz-object-lock-mode",
            "x-amz-object-lock-retain-until-date",
            "x-amz-object-lock-legal-hold",
            "x-amz-website-redirect-location");

    private StoreHeaders() {}

    /** The headers of a write as the store shall keep them, without the gateway's metadata. */
    public static HttpHeaders forStore(ObjectHeaders object) {
        HttpHeaders headers = new DefaultHttpHeaders();
        object.content().forEach((name, value) -> {
            // Stores keep dates in forms of their own; it lies in the gateway's metadata.
            if (!name.equals("expires") && !value.isBlank()) {
                headers.set(name, encode(value.strip()));
            }
        });
        // One store rewrites an absent one, and AWS answers this.
        if (!headers.contains("content-type")) {
            headers.set("content-type", DEFAULT_TYPE);
        }
        object.userMetadata().forEach((name, value) -> {
            requireFree(ClearHeaders.USER_PREFIX + name.toLowerCase(Locale.ROOT), value);
            headers.set(ClearHeaders.USER_PREFIX + name.toLowerCase(Locale.ROOT), encode(value.strip()));
        });
        if (object.storageClass() != null) {
            headers.set("x-amz-storage-class", object.storageClass());
        }
        return headers;
    }

    /**
     * What a copy takes from its source, as the store shows it, without the gateway's metadata: not a website's redirect, which
     * AWS does not copy either.
     */
    static HttpHeaders copied(HttpHeaders stored) {
        HttpHeaders headers = new DefaultHttpHeaders();
        ClearHeaders.of(stored).forEach((name, value) -> {
            requireFree(name, value);
            if (!name.equals("x-amz-website-redirect-location")) {
                headers.set(name, value);
            }
        });
        // The form above is only that in which it is authenticated.
        String type = stored.get("content-type");
        return headers.set("content-type", type == null || type.isBlank() ? DEFAULT_TYPE : type.strip());
    }

    private static void requireFree(String name, String value) {
        if (name.startsWith(ClearHeaders.USER_PREFIX + OWN_NAME)) {
            throw S3Errors.invalidArgument("Metadata named " + OWN_NAME + "* is the gateway's own.", name, value);
        }
    }

    /** The {@code Expires} of a write; null for none. */
    public static @Nullable String expires(ObjectHeaders object) {
        return expires(object.content().get("expires"));
    }

    /** The same for its value. */
    static @Nullable String expires(@Nullable String expires) {
        if (expires == null || expires.isBlank()) {
            return null;
        }
        if (expires.strip().length() > MAX_EXPIRES) {
            throw S3Errors.invalidArgument(
                    "Expires is longer than the " + MAX_EXPIRES + " characters that are kept with an object.",
                    "Expires",
                    expires);
        }
        return encode(expires.strip());
    }

    /**
     * Adds the gateway's metadata, bound to everything that {@code headers} holds.
     *
     * @param bucket the gateway's name
     * @throws S3Exception {@code MetadataTooLarge} when it all together is more than stores take
     */
    public static void seal(
            HttpHeaders headers, MetadataCodec codec, ObjectMetadata metadata, String bucket, String key) {
        headers.set(ObjectMetadata.HEADER, codec.encode(metadata, bucket, key, ClearHeaders.of(headers)));
        int size = 0;
        for (Map.Entry<String, String> header : headers) {
            if (header.getKey().startsWith(ClearHeaders.USER_PREFIX)) {
                size += header.getKey().length()
                        - ClearHeaders.USER_PREFIX.length()
                        + header.getValue().length();
            }
        }
        if (size > MAX_METADATA) {
            throw new S3Exception(
                            400, "MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size")
                    .with("Size", Integer.toString(size))
                    .with("MaxSizeAllowed", Integer.toString(MAX_METADATA));
        }
    }

    /** Verifies and decodes the metadata of an object that the store answered with. */
    public static ObjectMetadata open(HttpHeaders stored, MetadataCodec codec, String bucket, String key) {
        return codec.decode(stored.get(ObjectMetadata.HEADER), bucket, key, ClearHeaders.of(stored));
    }

    /** What a client sees of an object: its headers, but for length and checksums. */
    public static HttpHeaders forClient(HttpHeaders stored, ObjectMetadata metadata) {
        HttpHeaders headers = plain(stored);
        if (metadata.expires() != null) {
            headers.set("expires", metadata.expires());
        }
        EncryptionHeaders.add(headers, metadata.sse());
        return headers;
    }

    /** What a client sees of an object that the gateway did not write. */
    public static HttpHeaders plain(HttpHeaders stored) {
        HttpHeaders headers = new DefaultHttpHeaders();
        for (Map.Entry<String, String> header : stored) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            boolean user = name.startsWith(ClearHeaders.USER_PREFIX) && !name.equals(ObjectMetadata.HEADER);
            if (user || PASSED.contains(name)) {
                headers.add(name, header.getValue());
            }
        }
        String etag = stored.get("etag");
        if (etag != null) {
            headers.set("etag", ETags.toClient(etag));
        }
        headers.set("accept-ranges", "bytes");
        return headers;
    }

    /**
     * A value of other than ASCII as AWS keeps it: an encoded word (RFC 2047) of the bytes taken for Latin-1.
     *
     * @param value each character one byte
     */
    private static String encode(String value) {
        if (value.chars().allMatch(c -> c < 0x80)) {
            return value;
        }
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        return "=?UTF-8?B?" + Base64.getEncoder().encodeToString(utf8) + "?=";
    }
}

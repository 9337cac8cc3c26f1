package dev.sallyport.gateway.s3;

import java.util.Map;
import java.util.Set;

/**
 * The committed list of {@code x-amz-*} headers that the gateway implements or may ignore without harm. Any other is
 * refused by name: ignoring a header means to do less than a client asked for. Headers without this prefix that S3 does
 * not know are ignored, as on AWS.
 */
final class HeaderRules {
    static final String PREFIX = "x-amz-";
    static final String META = "x-amz-meta-";
    static final String SSE = "x-amz-server-side-encryption";
    static final String COPY_SOURCE = "x-amz-copy-source";

    private static final Set<String> KNOWN = Set.of(
            // Read by the authentication.
            "x-amz-date",
            "x-amz-content-sha256",
            "x-amz-decoded-content-length",
            "x-amz-security-token",
            "x-amz-trailer",
            // Integrity.
            "x-amz-sdk-checksum-algorithm",
            "x-amz-checksum-algorithm",
            "x-amz-checksum-crc32",
            "x-amz-checksum-crc32c",
            "x-amz-checksum-crc64nvme",
            "x-amz-checksum-sha1",
            "x-amz-checksum-sha256",
            "x-amz-checksum-mode",
            "x-amz-checksum-type",
            "x-amz-mp-object-size",
            // Encryption; what is not implemented of it is refused where it is read.
            SSE,
            SSE + "-aws-kms-key-id",
            SSE + "-context",
            SSE + "-bucket-key-enabled",
            SSE + "-customer-algorithm",
            SSE + "-customer-key",
            SSE + "-customer-key-md5",
            // Copies.
            COPY_SOURCE,
            COPY_SOURCE + "-if-match",
            COPY_SOURCE + "-if-none-match",
            COPY_SOURCE + "-if-modified-since",
            COPY_SOURCE + "-if-unmodified-since",
            COPY_SOURCE + "-range",
            COPY_SOURCE + "-server-side-encryption-customer-algorithm",
            COPY_SOURCE + "-server-side-encryption-customer-key",
            COPY_SOURCE + "-server-side-encryption-customer-key-md5",
            "x-amz-metadata-directive",
            // Objects.
            "x-amz-storage-class",
            "x-amz-object-attributes",
            "x-amz-max-parts",
            "x-amz-part-number-marker",
            // Compared with the account.
            "x-amz-expected-bucket-owner",
            "x-amz-source-expected-bucket-owner",
            // Harmless: who pays, who asks, and fields of listings that only archives have.
            "x-amz-request-payer",
            "x-amz-user-agent",
            "x-amz-optional-object-attributes");

    /** Headers that say what holds anyway, by the values with which they do. */
    private static final Map<String, Set<String>> HARMLESS_VALUES = Map.of(
            "x-amz-acl", Set.of("private", "bucket-owner-full-control"),
            "x-amz-object-ownership", Set.of("BucketOwnerEnforced"),
            "x-amz-bucket-object-lock-enabled", Set.of("false", "False"),
            "x-amz-tagging-directive", Set.of("COPY"),
            // An offer to check a digest behind the body, of which a server need make no use.
            "x-amz-te", Set.of("append-md5"));

    /** Those that AWS refuses too, on general purpose buckets, in words without the name. */
    private static final Set<String> REFUSED_BY_AWS =
            Set.of("x-amz-if-match-last-modified-time", "x-amz-if-match-size");

    private HeaderRules() {}

    /** @throws S3Exception {@code NotImplemented} for what is not on the list */
    static void check(String lowerName, String value) {
        if (!lowerName.startsWith(PREFIX) || lowerName.startsWith(META) || KNOWN.contains(lowerName)) {
            return;
        }
        Set<String> harmless = HARMLESS_VALUES.get(lowerName);
        if (harmless != null && harmless.contains(value)) {
            return;
        }
        throw REFUSED_BY_AWS.contains(lowerName)
                ? S3Errors.conditionNotImplemented(lowerName, null)
                : S3Errors.headerNotImplemented(lowerName);
    }
}

package dev.sallyport.gateway.s3;

import dev.sallyport.gateway.checksum.ChecksumAlgorithm;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads the groups of headers that several operations share. */
final class HeadParts {
    private static final List<String> CONTENT_HEADERS = List.of(
            "cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires");
    private static final List<String> OVERRIDES = List.of(
            "response-cache-control",
            "response-content-disposition",
            "response-content-encoding",
            "response-content-language",
            "response-content-type",
            "response-expires");

    private HeadParts() {}

    static ObjectHeaders objectHeaders(RequestHeaders headers) {
        Map<String, String> content = new TreeMap<>();
        for (String name : CONTENT_HEADERS) {
            String value = headers.get(name);
            if (value != null && name.equals("content-encoding")) {
                value = withoutAwsChunked(value);
            }
            if (value != null && !value.isEmpty()) {
                content.put(name, value);
            }
        }
        Map<String, String> user = new TreeMap<>();
        headers.all().forEach((name, value) -> {
            if (name.startsWith(HeaderRules.META)) {
                user.put(name.substring(HeaderRules.META.length()), value);
            }
        });
        return new ObjectHeaders(content, user, headers.get("x-amz-storage-class"));
    }

    private static String withoutAwsChunked(String value) {
        return Arrays.stream(value.split(",", -1))
                .map(String::strip)
                .filter(coding -> !coding.isEmpty() && !coding.equalsIgnoreCase("aws-chunked"))
                .collect(Collectors.joining(","));
    }

    static SseHeaders sse(RequestHeaders headers) {
        return new SseHeaders(
                headers.get(HeaderRules.SSE),
                headers.get(HeaderRules.SSE + "-aws-kms-key-id"),
                headers.get(HeaderRules.SSE + "-context"),
                headers.get(HeaderRules.SSE + "-bucket-key-enabled"),
                headers.hasPrefix(HeaderRules.SSE + "-customer-"));
    }

    /** Refuses encryption headers on an operation that has none (a read, a part). */
    static void refuseSse(RequestHeaders headers) {
        for (String name : headers.all().keySet()) {
            if (!name.startsWith(HeaderRules.SSE)) {
                continue;
            }
            if (name.startsWith(HeaderRules.SSE + "-customer-")) {
                throw S3Errors.headerNotImplemented(name);
            }
            throw S3Errors.invalidArgument(
                    name + " header is not supported for this operation.", name, headers.get(name));
        }
    }

    static WriteConditions writeConditions(RequestHeaders headers) {
        String ifMatch = headers.get("if-match");
        String ifNoneMatch = headers.get("if-none-match");
        if (ifMatch != null && ifNoneMatch != null) {
            throw S3Errors.conditionNotImplemented(
                    "If-Match,If-None-Match", "Multiple conditional request headers present in the request");
        }
        if (ifNoneMatch != null && !ifNoneMatch.equals("*")) {
            throw valueNotAccepted("If-None-Match");
        }
        if (ifMatch != null && ifMatch.equals("*")) {
            throw valueNotAccepted("If-Match");
        }
        return new WriteConditions(ifMatch, ifNoneMatch != null);
    }

    private static S3Exception valueNotAccepted(String header) {
        return S3Errors.conditionNotImplemented(
                header, "We don't accept the provided value of " + header + " header for this API");
    }

    static ReadConditions readConditions(RequestHeaders headers, String prefix) {
        return new ReadConditions(
                headers.get(prefix + "if-match"),
                headers.get(prefix + "if-none-match"),
                headers.get(prefix + "if-modified-since"),
                headers.get(prefix + "if-unmodified-since"));
    }

    static ReadOptions readOptions(RequestHeaders headers, Query query) {
        Integer part = query.has("partNumber") ? (Integer) partNumber(query) : null;
        String range = headers.get("range");
        if (range != null && part != null) {
            throw S3Errors.invalidRequest("Cannot specify both Range header and partNumber query parameter");
        }
        Map<String, String> overrides = new TreeMap<>();
        for (String name : OVERRIDES) {
            String value = query.get(name);
            if (value == null) {
                continue;
            }
            if (!value.chars().allMatch(c -> c <= 0xff)) {
                throw S3Errors.invalidArgument("Header value cannot be represented using ISO-8859-1.", name, value);
            }
            if (value.chars().anyMatch(c -> (c < 0x20 && c != '\t') || c == 0x7f)) {
                throw S3Errors.invalidArgument("Header value contains control characters.", name, value);
            }
            overrides.put(name.substring("response-".length()), value);
        }
        boolean checksums = "ENABLED".equalsIgnoreCase(headers.get("x-amz-checksum-mode"));
        return new ReadOptions(range, headers.get("if-range"), part, readConditions(headers, ""), overrides, checksums);
    }

    static int partNumber(Query query) {
        String value = query.get("partNumber");
        int number = -1;
        try {
            number = Integer.parseInt(value == null ? "" : value);
        } catch (NumberFormatException e) {
            // Refused below, as any number out of bounds.
        }
        if (number < 1 || number > 10_000) {
            throw S3Errors.invalidArgument(
                    "Part number must be an integer between 1 and 10000, inclusive", "partNumber", value);
        }
        return number;
    }

    static PayloadDigests digests(RequestHeaders headers) {
        String md5 = headers.get("content-md5");
        if (md5 != null && !isBase64(md5, 16)) {
            throw new S3Exception(400, "InvalidDigest", "The Content-MD5 you specified was invalid.")
                    .with("Content-MD5", md5);
        }
        ChecksumAlgorithm algorithm = null;
        String value = null;
        for (ChecksumAlgorithm each : ChecksumAlgorithm.values()) {
            String sent = headers.get(each.header());
            if (sent == null) {
                continue;
            }
            if (algorithm != null) {
                throw S3Errors.invalidRequest(
                        "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
            }
            if (!isBase64(sent, each.length())) {
                throw S3Errors.invalidRequest("Value for " + each.header() + " header is invalid.");
            }
            algorithm = each;
            value = sent;
        }
        ChecksumAlgorithm trailer = trailer(headers);
        if (trailer != null && algorithm != null) {
            throw S3Errors.invalidRequest(
                    "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
        }
        ChecksumAlgorithm announced = algorithm == null ? trailer : algorithm;
        ChecksumAlgorithm named = algorithm(headers, "x-amz-sdk-checksum-algorithm");
        if (named != null && announced == null && md5 == null) {
            throw S3Errors.invalidRequest(
                    "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.");
        }
        if (named != null && announced != null && named != announced) {
            throw S3Errors.invalidRequest("Value for x-amz-sdk-checksum-algorithm header is invalid.");
        }
        return new PayloadDigests(md5, announced, value);
    }

    private static @Nullable ChecksumAlgorithm trailer(RequestHeaders headers) {
        String trailer = headers.get("x-amz-trailer");
        if (trailer == null || trailer.isEmpty()) {
            return null;
        }
        ChecksumAlgorithm algorithm = ChecksumAlgorithm.byHeader(trailer.strip().toLowerCase(Locale.ROOT));
        if (algorithm == null) {
            throw S3Errors.invalidRequest("The value specified in the x-amz-trailer header is not supported");
        }
        return algorithm;
    }

    /** The checksum that a header names; null without the header. */
    static @Nullable ChecksumAlgorithm algorithm(RequestHeaders headers, String header) {
        String name = headers.get(header);
        if (name == null) {
            return null;
        }
        ChecksumAlgorithm algorithm = ChecksumAlgorithm.byName(name);
        if (algorithm == null) {
            throw S3Errors.invalidRequest(
                    "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
        }
        return algorithm;
    }

    static boolean isBase64(String text, int length) {
        try {
            return Base64.getDecoder().decode(text).length == length;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}

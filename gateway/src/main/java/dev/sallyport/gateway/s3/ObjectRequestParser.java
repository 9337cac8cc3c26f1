package dev.sallyport.gateway.s3;

import dev.sallyport.gateway.checksum.ChecksumAlgorithm;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Parses requests on an object, those of a multipart upload included. */
final class ObjectRequestParser {
    private static final Set<String> READ = Set.of(
            "partNumber",
            "response-cache-control",
            "response-content-disposition",
            "response-content-encoding",
            "response-content-language",
            "response-content-type",
            "response-expires");
    private static final Set<String> ATTRIBUTES =
            Set.of("ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize");

    private final String bucket;
    private final String key;
    private final Query query;
    private final RequestHeaders headers;

    ObjectRequestParser(String bucket, String key, Query query, RequestHeaders headers) {
        this.bucket = bucket;
        this.key = key;
        this.query = query;
        this.headers = headers;
    }

    S3Request parse(String method, String subresource) {
        return switch (subresource) {
            case "" -> plain(method);
            case "attributes" -> attributes(method);
            case "uploads" -> createUpload(method);
            case "uploadId" -> upload(method);
            default -> throw Subresources.notImplemented(subresource);
        };
    }

    private S3Request plain(String method) {
        refuseVersion();
        return switch (method) {
            case "GET" -> new ObjectRequest.GetObject(bucket, key, read());
            case "HEAD" -> new ObjectRequest.HeadObject(bucket, key, read());
            case "PUT" -> {
                query.allowOnly(Set.of());
                yield headers.has(HeaderRules.COPY_SOURCE) ? copy() : put();
            }
            case "DELETE" -> {
                query.allowOnly(Set.of("versionId"));
                yield new ObjectRequest.DeleteObject(bucket, key, headers.get("if-match"));
            }
            default -> throw S3Errors.methodNotAllowed(method, "OBJECT");
        };
    }

    // The null version is what an unversioned bucket holds, so naming it says nothing new.
    private void refuseVersion() {
        String version = query.get("versionId");
        if (version != null && !version.equals("null")) {
            throw S3Errors.notImplemented("query parameter 'versionId'").with("Parameter", "versionId");
        }
    }

    private ReadOptions read() {
        Set<String> allowed = new java.util.HashSet<>(READ);
        allowed.add("versionId");
        query.allowOnly(allowed);
        HeadParts.refuseSse(headers);
        return HeadParts.readOptions(headers, query);
    }

    private S3Request put() {
        return new ObjectRequest.PutObject(
                bucket,
                key,
                HeadParts.objectHeaders(headers),
                HeadParts.sse(headers),
                HeadParts.writeConditions(headers),
                HeadParts.digests(headers));
    }

    private S3Request copy() {
        String directive = headers.get("x-amz-metadata-directive");
        if (directive != null && !directive.equals("COPY") && !directive.equals("REPLACE")) {
            throw S3Errors.invalidArgument("Unknown metadata directive.", "x-amz-metadata-directive", directive);
        }
        return new ObjectRequest.CopyObject(
                bucket,
                key,
                source(),
                "REPLACE".equals(directive),
                HeadParts.objectHeaders(headers),
                HeadParts.sse(headers),
                HeadParts.writeConditions(headers),
                HeadParts.algorithm(headers, "x-amz-checksum-algorithm"));
    }

    private CopySource source() {
        if (headers.hasPrefix(HeaderRules.COPY_SOURCE + "-server-side-encryption-customer-")) {
            throw S3Errors.headerNotImplemented(HeaderRules.COPY_SOURCE + "-server-side-encryption-customer-algorithm");
        }
        String sent = headers.get(HeaderRules.COPY_SOURCE);
        return CopySourceParser.parse(
                sent == null ? "" : sent, HeadParts.readConditions(headers, HeaderRules.COPY_SOURCE + "-"));
    }

    private S3Request attributes(String method) {
        if (!method.equals("GET")) {
            throw S3Errors.methodNotAllowed(method, "OBJECTATTRIBUTES");
        }
        query.allowOnly(Set.of("attributes", "versionId"));
        refuseVersion();
        HeadParts.refuseSse(headers);
        String sent = headers.get("x-amz-object-attributes");
        if (sent == null || sent.isBlank()) {
            throw S3Errors.invalidRequest(
                    "The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty");
        }
        Set<String> wanted =
                Arrays.stream(sent.split(",", -1)).map(String::strip).collect(Collectors.toSet());
        if (!ATTRIBUTES.containsAll(wanted)) {
            throw S3Errors.invalidArgument("Invalid attribute name specified.", "x-amz-object-attributes", sent);
        }
        return new ObjectRequest.GetObjectAttributes(
                bucket, key, wanted, number("x-amz-max-parts", 1000), number("x-amz-part-number-marker", 0));
    }

    private int number(String header, int fallback) {
        String value = headers.get(header);
        if (value == null) {
            return fallback;
        }
        try {
            int number = Integer.parseInt(value);
            if (number >= 0) {
                return header.equals("x-amz-max-parts") ? Math.min(1000, number) : number;
            }
        } catch (NumberFormatException e) {
            // Refused below, as a negative number.
        }
        throw S3Errors.invalidArgument(
                "Argument " + header + " must be an integer between 0 and 2147483647", header, value);
    }

    private S3Request createUpload(String method) {
        if (!method.equals("POST")) {
            throw S3Errors.methodNotAllowed(method, "OBJECTUPLOADS");
        }
        query.allowOnly(Set.of("uploads"));
        ChecksumAlgorithm checksum = HeadParts.algorithm(headers, "x-amz-checksum-algorithm");
        String type = checksumType();
        if (type != null && checksum == null) {
            throw S3Errors.invalidRequest(
                    "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.");
        }
        if (type != null && checksum != null) {
            refuseCombination(type, checksum);
        }
        return new UploadRequest.CreateMultipartUpload(
                bucket, key, HeadParts.objectHeaders(headers), HeadParts.sse(headers), checksum, type);
    }

    private static void refuseCombination(String type, ChecksumAlgorithm checksum) {
        boolean possible = type.equals("COMPOSITE") ? checksum.allowsComposite() : checksum.allowsFullObject();
        if (!possible) {
            throw S3Errors.invalidRequest("The " + type + " checksum type cannot be used with the "
                    + checksum.name().toLowerCase(Locale.ROOT) + " checksum algorithm.");
        }
    }

    private @Nullable String checksumType() {
        String type = headers.get("x-amz-checksum-type");
        if (type != null && !type.equals("COMPOSITE") && !type.equals("FULL_OBJECT")) {
            throw S3Errors.invalidRequest("Value for x-amz-checksum-type header is invalid.");
        }
        return type;
    }

    private S3Request upload(String method) {
        String uploadId = query.get("uploadId");
        if (uploadId == null || uploadId.isEmpty() || uploadId.length() > 256) {
            throw S3Errors.noSuchUpload(uploadId == null ? "" : uploadId);
        }
        return switch (method) {
            case "PUT" -> part(uploadId);
            case "POST" -> {
                query.allowOnly(Set.of("uploadId"));
                yield complete(uploadId);
            }
            case "DELETE" -> {
                query.allowOnly(Set.of("uploadId"));
                yield new UploadRequest.AbortMultipartUpload(bucket, key, uploadId);
            }
            case "GET" -> listParts(uploadId);
            default -> throw S3Errors.methodNotAllowed(method, "UPLOAD");
        };
    }

    private S3Request part(String uploadId) {
        query.allowOnly(Set.of("uploadId", "partNumber"));
        int part = HeadParts.partNumber(query);
        HeadParts.refuseSse(headers);
        if (headers.has(HeaderRules.COPY_SOURCE)) {
            String range = headers.get(HeaderRules.COPY_SOURCE + "-range");
            return new UploadRequest.UploadPartCopy(bucket, key, uploadId, part, source(), range);
        }
        return new UploadRequest.UploadPart(bucket, key, uploadId, part, HeadParts.digests(headers));
    }

    private S3Request listParts(String uploadId) {
        query.allowOnly(Set.of("uploadId", "max-parts", "part-number-marker", "encoding-type"));
        return new UploadRequest.ListParts(
                bucket,
                key,
                uploadId,
                Math.min(1000, query.number("max-parts", 1000)),
                query.number("part-number-marker", 0),
                query.urlEncoded());
    }

    private S3Request complete(String uploadId) {
        HeadParts.refuseSse(headers);
        String size = headers.get("x-amz-mp-object-size");
        Long objectSize = null;
        if (size != null) {
            if (!size.matches("[0-9]{1,15}")) {
                throw S3Errors.invalidRequest("Value for x-amz-mp-object-size header is invalid.");
            }
            objectSize = Long.parseLong(size);
        }
        return new UploadRequest.CompleteMultipartUpload(
                bucket,
                key,
                uploadId,
                HeadParts.writeConditions(headers),
                HeadParts.digests(headers),
                checksumType(),
                objectSize);
    }
}

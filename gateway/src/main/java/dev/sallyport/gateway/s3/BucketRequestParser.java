package dev.sallyport.gateway.s3;

import java.util.Set;

/** Parses requests on a bucket. */
final class BucketRequestParser {
    private static final Set<String> LIST_V1 = Set.of("prefix", "delimiter", "marker", "max-keys", "encoding-type");
    private static final Set<String> LIST_V2 = Set.of(
            "list-type",
            "prefix",
            "delimiter",
            "continuation-token",
            "start-after",
            "fetch-owner",
            "max-keys",
            "encoding-type");
    private static final Set<String> LIST_UPLOADS =
            Set.of("uploads", "prefix", "delimiter", "key-marker", "upload-id-marker", "max-uploads", "encoding-type");

    private final String bucket;
    private final Query query;
    private final RequestHeaders headers;

    BucketRequestParser(String bucket, Query query, RequestHeaders headers) {
        this.bucket = bucket;
        this.query = query;
        this.headers = headers;
    }

    S3Request parse(String method, String subresource) {
        return switch (subresource) {
            case "" -> plain(method);
            case "location" -> {
                only(method, "GET", subresource);
                yield new BucketRequest.GetBucketLocation(bucket);
            }
            case "encryption" -> encryption(method);
            case "delete" -> {
                only(method, "POST", subresource);
                yield new BucketRequest.DeleteObjects(bucket, HeadParts.digests(headers));
            }
            case "uploads" -> {
                if (!method.equals("GET")) {
                    throw S3Errors.methodNotAllowed(method, "BUCKETUPLOADS");
                }
                yield uploads();
            }
            default -> throw Subresources.notImplemented(subresource);
        };
    }

    private void only(String method, String allowed, String subresource) {
        if (!method.equals(allowed)) {
            throw S3Errors.methodNotAllowed(method, subresource.toUpperCase(java.util.Locale.ROOT));
        }
        query.allowOnly(Set.of(subresource));
    }

    private S3Request plain(String method) {
        if (method.equals("GET")) {
            return list();
        }
        query.allowOnly(Set.of());
        return switch (method) {
            case "PUT" -> new BucketRequest.CreateBucket(bucket);
            case "HEAD" -> new BucketRequest.HeadBucket(bucket);
            case "DELETE" -> new BucketRequest.DeleteBucket(bucket);
            case "POST" -> throw S3Errors.notImplemented("operation PostObject (upload by an HTML form)");
            default -> throw S3Errors.methodNotAllowed(method, "BUCKET");
        };
    }

    private S3Request list() {
        String type = query.get("list-type");
        if (type != null && !type.equals("2")) {
            throw S3Errors.invalidArgument("Invalid List Type specified in Request", "list-type", type);
        }
        ListPage page = new ListPage(
                query.get("prefix"),
                query.get("delimiter"),
                query.number("max-keys", ListPage.MOST),
                query.urlEncoded());
        if (type == null) {
            query.allowOnly(LIST_V1);
            return new BucketRequest.ListObjects(bucket, query.get("marker"), page);
        }
        query.allowOnly(LIST_V2);
        String token = query.get("continuation-token");
        if (token != null && token.isEmpty()) {
            throw S3Errors.invalidArgument("The continuation token provided is incorrect", "continuation-token", null);
        }
        return new BucketRequest.ListObjectsV2(
                bucket, token, query.get("start-after"), "true".equalsIgnoreCase(query.get("fetch-owner")), page);
    }

    private S3Request encryption(String method) {
        query.allowOnly(Set.of("encryption"));
        return switch (method) {
            case "GET" -> new BucketRequest.GetBucketEncryption(bucket);
            case "PUT" -> new BucketRequest.PutBucketEncryption(bucket, HeadParts.digests(headers));
            case "DELETE" -> new BucketRequest.DeleteBucketEncryption(bucket);
            default -> throw S3Errors.methodNotAllowed(method, "ENCRYPTION");
        };
    }

    private S3Request uploads() {
        query.allowOnly(LIST_UPLOADS);
        return new UploadRequest.ListMultipartUploads(
                bucket,
                query.get("prefix"),
                query.get("delimiter"),
                query.get("key-marker"),
                query.get("upload-id-marker"),
                Math.min(1000, query.number("max-uploads", 1000)),
                query.urlEncoded());
    }
}

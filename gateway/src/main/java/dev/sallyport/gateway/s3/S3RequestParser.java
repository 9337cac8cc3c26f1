package dev.sallyport.gateway.s3;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * From the head of an HTTP request to the S3 request that it is.
 *
 * <p>It fails closed: a subresource, query parameter or {@code x-amz-*} header that the gateway does not know is refused
 * with {@code NotImplemented} and its name.
 */
public final class S3RequestParser {
    private final List<String> domains;
    private final String accountId;

    /**
     * @param domains those under which buckets are subdomains (virtual-host addressing)
     * @param accountId twelve digits, which {@code x-amz-expected-bucket-owner} must name
     */
    public S3RequestParser(List<String> domains, String accountId) {
        this.domains =
                domains.stream().map(domain -> domain.toLowerCase(Locale.ROOT)).toList();
        this.accountId = accountId;
    }

    /**
     * @param method as sent
     * @param rawTarget path and query as sent
     * @throws S3Exception for whatever is refused
     */
    public S3Request parse(String method, String rawTarget, HttpHeaders headers) {
        Target target = Target.parse(rawTarget, headers.get("host"), domains);
        Query query = Query.parse(rawTarget);
        RequestHeaders all = new RequestHeaders(headers, query);
        checkOwner(all, "x-amz-expected-bucket-owner");
        checkOwner(all, "x-amz-source-expected-bucket-owner");
        String subresource = Subresources.of(query);
        String bucket = target.bucket();
        String key = target.key();
        if (bucket == null) {
            return service(method, subresource, query);
        }
        if (key == null) {
            return new BucketRequestParser(bucket, query, all).parse(method, subresource);
        }
        return new ObjectRequestParser(bucket, key, query, all).parse(method, subresource);
    }

    private static S3Request service(String method, String subresource, Query query) {
        if (!subresource.isEmpty()) {
            throw Subresources.notImplemented(subresource);
        }
        if (!method.equals("GET")) {
            throw S3Errors.methodNotAllowed(method, "SERVICE");
        }
        query.allowOnly(Set.of("max-buckets", "continuation-token", "prefix", "bucket-region"));
        return new ServiceRequest.ListBuckets(
                maxBuckets(query),
                emptyToNull(query.get("continuation-token")),
                query.get("prefix"),
                emptyToNull(query.get("bucket-region")));
    }

    private static @Nullable Integer maxBuckets(Query query) {
        if (!query.has("max-buckets")) {
            return null;
        }
        int number = query.number("max-buckets", 0);
        if (number < 1 || number > 10_000) {
            throw S3Errors.invalidArgument(
                    "Argument max-buckets must be an integer between 1 and 10000",
                    "max-buckets",
                    query.get("max-buckets"));
        }
        return number;
    }

    private static @Nullable String emptyToNull(@Nullable String text) {
        return text == null || text.isEmpty() ? null : text;
    }

    private void checkOwner(RequestHeaders headers, String name) {
        String owner = headers.get(name);
        if (owner == null || owner.equals(accountId)) {
            return;
        }
        if (!owner.matches("[0-9]{12}")) {
            throw new S3Exception(
                    400,
                    "InvalidBucketOwnerAWSAccountID",
                    "The value of the expected bucket owner parameter must be an AWS Account ID... [" + owner + "]");
        }
        throw S3Errors.accessDenied();
    }
}

package dev.sallyport.gateway.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class S3RequestParserTest {
    private final S3RequestParser parser = new S3RequestParser(List.of("s3.example.test"), "111122223333");

    private S3Request parse(String method, String target, String... headers) {
        HttpHeaders all = new DefaultHttpHeaders().set("host", "localhost:9000");
        for (int i = 0; i < headers.length; i += 2) {
            all.add(headers[i], headers[i + 1]);
        }
        return parser.parse(method, target, all);
    }

    private S3Exception refusal(String method, String target, String... headers) {
        S3Exception refused = catchThrowableOfType(S3Exception.class, () -> parse(method, target, headers));
        assertThat(refused).as(method + " " + target).isNotNull();
        return refused;
    }

    @ParameterizedTest
    @CsvSource({
        "GET,/,ListBuckets",
        "GET,/?x-id=ListBuckets,ListBuckets",
        "PUT,/bucket,CreateBucket",
        "PUT,/bucket/,CreateBucket",
        "HEAD,/bucket,HeadBucket",
        "DELETE,/bucket,DeleteBucket",
        "GET,/bucket?location,GetBucketLocation",
        "GET,/bucket?encryption,GetBucketEncryption",
        "PUT,/bucket?encryption=,PutBucketEncryption",
        "DELETE,/bucket?encryption,DeleteBucketEncryption",
        "POST,/bucket?delete,DeleteObjects",
        "GET,/bucket,ListObjects",
        "GET,/bucket?marker=a&max-keys=3,ListObjects",
        "GET,/bucket?list-type=2&fetch-owner=true,ListObjectsV2",
        "GET,/bucket?uploads,ListMultipartUploads",
        "GET,/bucket/key,GetObject",
        "HEAD,/bucket/key?partNumber=3,HeadObject",
        "PUT,/bucket/key?x-id=PutObject,PutObject",
        "DELETE,/bucket/key,DeleteObject",
        "GET,/bucket/key?versionId=null,GetObject",
        "POST,/bucket/key?uploads,CreateMultipartUpload",
        "PUT,/bucket/key?partNumber=1&uploadId=u,UploadPart",
        "POST,/bucket/key?uploadId=u,CompleteMultipartUpload",
        "DELETE,/bucket/key?uploadId=u,AbortMultipartUpload",
        "GET,/bucket/key?uploadId=u,ListParts",
    })
    void operations(String method, String target, String operation) {
        assertThat(parse(method, target).getClass().getSimpleName()).isEqualTo(operation);
    }

    @Test
    void copies() {
        assertThat(parse("PUT", "/bucket/key", "x-amz-copy-source", "/other/a%20b%2Bc"))
                .isInstanceOfSatisfying(ObjectRequest.CopyObject.class, copy -> {
                    assertThat(copy.source().bucket()).isEqualTo("other");
                    assertThat(copy.source().key()).isEqualTo("a b+c");
                });
        assertThat(parse(
                        "PUT",
                        "/bucket/key?uploadId=u&partNumber=2",
                        "x-amz-copy-source",
                        "other/k",
                        "x-amz-copy-source-range",
                        "bytes=0-1"))
                .isInstanceOf(UploadRequest.UploadPartCopy.class);
        S3Exception wrong = refusal("PUT", "/bucket/key", "x-amz-copy-source", "justbucket");
        assertThat(wrong.code()).isEqualTo("InvalidArgument");
        assertThat(wrong).hasMessage("Invalid copy source object key");
    }

    @Test
    void attributes() {
        assertThat(parse("GET", "/bucket/key?attributes", "x-amz-object-attributes", "ETag,ObjectSize"))
                .isInstanceOfSatisfying(
                        ObjectRequest.GetObjectAttributes.class,
                        r -> assertThat(r.attributes()).containsExactlyInAnyOrder("ETag", "ObjectSize"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/bucket/a/b|a/b",
                "/bucket//a//|/a//",
                "/bucket/../a/./b/..|../a/./b/..",
                "/bucket/a%2Fb|a/b",
                "/bucket/a+b%20c%2Bd|a+b c+d",
                "/bucket/%F0%9F%98%80|\uD83D\uDE00",
                "/bucket/100%25|100%",
                "/bucket/%3F%23&=|?#&=",
            })
    void keysAreTakenLiterally(String target, String key) {
        assertThat(parse("GET", target))
                .isInstanceOfSatisfying(
                        ObjectRequest.GetObject.class, r -> assertThat(r.key()).isEqualTo(key));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/bucket/%zz",
                "/bucket/%",
                "/bucket/%4",
                "/bucket/%ff",
                "/bucket/%c0%80",
                "/bucket/%ed%a0%80",
                "/bucket/k?a=%",
                "nothing",
                "*",
                "/bucket/k#frag"
            })
    void badTargets(String target) {
        assertThat(refusal("GET", target).code()).isEqualTo("InvalidURI");
    }

    @Test
    void keysOf1024BytesAtMost() {
        assertThat(parse("GET", "/bucket/" + "k".repeat(1024))).isInstanceOf(ObjectRequest.GetObject.class);
        assertThat(refusal("GET", "/bucket/" + "k".repeat(1025)).code()).isEqualTo("KeyTooLongError");
        assertThat(refusal("GET", "/bucket/" + "%C3%A9".repeat(513)).code()).isEqualTo("KeyTooLongError");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"ab", "Bucket", "a_b", "a..b", "-ab", "ab-", "192.168.1.1", "xn--abc", "a%20b", "abc--x-s3"})
    void badBucketNames(String name) {
        S3Exception refused = refusal("PUT", "/" + name);
        assertThat(refused.code()).isEqualTo("InvalidBucketName");
        assertThat(refused).hasMessage("The specified bucket is not valid.");
    }

    @Test
    void virtualHosts() {
        HttpHeaders headers = new DefaultHttpHeaders().set("host", "My-Bucket.s3.Example.test:443");
        assertThat(parser.parse("GET", "/bucket/key", headers))
                .isInstanceOfSatisfying(ObjectRequest.GetObject.class, r -> {
                    assertThat(r.bucket()).isEqualTo("my-bucket");
                    assertThat(r.key()).isEqualTo("bucket/key");
                });
        assertThat(parser.parse("GET", "/", headers)).isInstanceOf(BucketRequest.ListObjects.class);
        assertThat(parser.parse("GET", "/", new DefaultHttpHeaders().set("host", "s3.example.test")))
                .isInstanceOf(ServiceRequest.ListBuckets.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "acl",
                "policy",
                "policyStatus",
                "tagging",
                "versioning",
                "versions",
                "lifecycle",
                "cors",
                "object-lock",
                "notification",
                "website",
                "replication",
                "accelerate",
                "analytics",
                "inventory",
                "metrics",
                "logging",
                "ownershipControls",
                "publicAccessBlock",
                "requestPayment",
                "intelligent-tiering",
                "session"
            })
    void unknownSubresourcesOfBucketsAreNamed(String subresource) {
        S3Exception refused = refusal("GET", "/bucket?" + subresource);
        assertThat(refused.status()).isEqualTo(501);
        assertThat(refused.code()).isEqualTo("NotImplemented");
        assertThat(refused.getMessage()).contains(subresource);
    }

    @ParameterizedTest
    @ValueSource(strings = {"acl", "tagging", "retention", "legal-hold", "torrent", "restore", "select&select-type=2"})
    void unknownSubresourcesOfObjectsAreNamed(String subresource) {
        S3Exception refused = refusal("GET", "/bucket/key?" + subresource);
        assertThat(refused.status()).isEqualTo(501);
        assertThat(refused.getMessage()).contains(subresource.split("&", -1)[0]);
    }

    @Test
    void whateverElseIsUnknownIsNamed() {
        assertThat(refusal("GET", "/bucket/key?frobnicate=1").getMessage()).contains("frobnicate");
        assertThat(refusal("PUT", "/bucket/key", "x-amz-tagging", "a=b").getMessage())
                .contains("x-amz-tagging");
        assertThat(refusal("PUT", "/bucket/key", "X-Amz-Acl", "public-read").getMessage())
                .contains("x-amz-acl");
        assertThat(refusal("PUT", "/bucket/key?X-Amz-Website-Redirect-Location=%2Fa")
                        .getMessage())
                .contains("x-amz-website-redirect-location");
        assertThat(refusal("GET", "/bucket/key?versionId=abc").getMessage()).contains("versionId");
        assertThat(refusal("POST", "/bucket").getMessage()).contains("PostObject");
        assertThat(parse("PUT", "/bucket/key", "x-amz-acl", "private", "X-Unknown", "1"))
                .isInstanceOf(ObjectRequest.PutObject.class);
    }

    @Test
    void headersOfPresignedUrls() {
        assertThat(parse(
                        "PUT",
                        "/bucket/key?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=00"
                                + "&x-amz-server-side-encryption=aws%3Akms&x-amz-meta-a=b"))
                .isInstanceOfSatisfying(ObjectRequest.PutObject.class, r -> {
                    assertThat(r.sse().algorithm()).isEqualTo("aws:kms");
                    assertThat(r.headers().userMetadata()).containsEntry("a", "b");
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x-amz-meta-a=b%0D%0Ax-amz-acl:%20public-read",
                "x-amz-meta-a%0D%0Ab=c",
                "x-amz-meta-a%20b=c",
                "x-amz-meta-a%3Ab=c",
                "x-amz-meta-%C3%A9=c",
                "x-amz-meta-a=b%00",
                "x-amz-storage-class=STANDARD%0A",
            })
    void parametersThatAreNoHeadersReachNoStore(String query) {
        S3Exception refused = refusal("PUT", "/bucket/key?" + query);
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.code()).isEqualTo("InvalidArgument");
    }

    @Test
    void contentHeaders() {
        assertThat(parse(
                        "PUT",
                        "/bucket/key",
                        "Content-Type",
                        "text/plain",
                        "Content-Encoding",
                        "aws-chunked,gzip",
                        "Cache-Control",
                        "no-cache",
                        "Cache-Control",
                        "private",
                        "x-amz-meta-A",
                        "1",
                        "x-amz-meta-a",
                        "2",
                        "x-amz-storage-class",
                        "STANDARD"))
                .isInstanceOfSatisfying(ObjectRequest.PutObject.class, r -> {
                    assertThat(r.headers().content())
                            .containsEntry("content-encoding", "gzip")
                            .containsEntry("cache-control", "no-cache,private")
                            .containsEntry("content-type", "text/plain");
                    assertThat(r.headers().userMetadata()).containsEntry("a", "1,2");
                    assertThat(r.headers().storageClass()).isEqualTo("STANDARD");
                });
    }

    @Test
    void repeatedSingleValues() {
        assertThat(refusal("PUT", "/bucket/key", "content-type", "a/b", "content-type", "c/d")
                        .code())
                .isEqualTo("InvalidArgument");
        assertThat(refusal(
                                "PUT",
                                "/bucket/key",
                                "x-amz-server-side-encryption",
                                "aws:kms",
                                "x-amz-server-side-encryption",
                                "AES256")
                        .code())
                .isEqualTo("InvalidArgument");
        assertThat(refusal("GET", "/bucket?prefix=a&prefix=b").code()).isEqualTo("InvalidArgument");
    }

    @Test
    void conditionsOnWritesAsAwsWordsThem() {
        S3Exception star = refusal("PUT", "/bucket/key", "if-match", "*");
        assertThat(star.details())
                .containsEntry("Header", "If-Match")
                .containsEntry(
                        "additionalMessage", "We don't accept the provided value of If-Match header for this API");
        assertThat(star).hasMessage("A header you provided implies functionality that is not implemented");
        assertThat(refusal("PUT", "/bucket/key", "if-none-match", "\"x\"").details())
                .containsEntry("Header", "If-None-Match");
        assertThat(refusal("PUT", "/bucket/key", "if-none-match", "*", "if-match", "x")
                        .details())
                .containsEntry("additionalMessage", "Multiple conditional request headers present in the request");
        assertThat(parse("PUT", "/bucket/key", "if-none-match", "*"))
                .isInstanceOfSatisfying(
                        ObjectRequest.PutObject.class,
                        r -> assertThat(r.conditions().ifNoneMatch()).isTrue());
        S3Exception size = refusal("DELETE", "/bucket/key", "x-amz-if-match-size", "1");
        assertThat(size).hasMessage("A header you provided implies functionality that is not implemented");
        assertThat(size.details()).containsEntry("Header", "x-amz-if-match-size");
    }

    @Test
    void digests() {
        assertThat(refusal("PUT", "/bucket/key", "content-md5", "000").code()).isEqualTo("InvalidDigest");
        assertThat(refusal("PUT", "/bucket/key", "x-amz-checksum-crc32", "AAAA"))
                .hasMessage("Value for x-amz-checksum-crc32 header is invalid.");
        assertThat(refusal(
                        "PUT", "/bucket/key", "x-amz-checksum-crc32", "AAAAAA==", "x-amz-checksum-crc32c", "AAAAAA=="))
                .hasMessage("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
        assertThat(refusal("PUT", "/bucket/key", "x-amz-checksum-sha512", "AAAAAA==")
                        .status())
                .isEqualTo(501);
        assertThat(parse(
                        "PUT",
                        "/bucket/key",
                        "x-amz-trailer",
                        "x-amz-checksum-crc32",
                        "x-amz-sdk-checksum-algorithm",
                        "CRC32"))
                .isInstanceOfSatisfying(
                        ObjectRequest.PutObject.class,
                        r -> assertThat(r.digests().trailing()).isTrue());
    }

    @Test
    void encryptionHeadersOnReadsAndParts() {
        assertThat(refusal("GET", "/bucket/key", "x-amz-server-side-encryption", "aws:kms")
                        .status())
                .isEqualTo(400);
        assertThat(refusal("HEAD", "/bucket/key", "x-amz-server-side-encryption-context", "e30=")
                        .status())
                .isEqualTo(400);
        assertThat(refusal("PUT", "/bucket/key?uploadId=u&partNumber=1", "x-amz-server-side-encryption", "aws:kms"))
                .hasMessage("x-amz-server-side-encryption header is not supported for this operation.");
        assertThat(refusal("GET", "/bucket/key", "x-amz-server-side-encryption-customer-algorithm", "AES256")
                        .status())
                .isEqualTo(501);
    }

    @Test
    void numbersAndEncodings() {
        assertThat(refusal("GET", "/bucket?max-keys=x").code()).isEqualTo("InvalidArgument");
        assertThat(refusal("GET", "/bucket?max-keys=-1").code()).isEqualTo("InvalidArgument");
        assertThat(refusal("GET", "/bucket?encoding-type=value"))
                .hasMessage("Invalid Encoding Method specified in Request");
        assertThat(refusal("PUT", "/bucket/key?uploadId=u&partNumber=-1"))
                .hasMessage("Part number must be an integer between 1 and 10000, inclusive");
        assertThat(refusal("GET", "/bucket/key?partNumber=1", "range", "bytes=0-1"))
                .hasMessage("Cannot specify both Range header and partNumber query parameter");
    }

    @Test
    void expectedOwner() {
        assertThat(parse("GET", "/bucket", "x-amz-expected-bucket-owner", "111122223333"))
                .isNotNull();
        assertThat(refusal("GET", "/bucket", "x-amz-expected-bucket-owner", "444455556666")
                        .status())
                .isEqualTo(403);
        assertThat(refusal("GET", "/bucket", "x-amz-expected-bucket-owner", "abcd"))
                .hasMessage("The value of the expected bucket owner parameter must be an AWS Account ID... [abcd]");
    }

    @Test
    void nothingButRefusalsForAnyText() {
        assertThatThrownBy(() -> parse("BREW", "/bucket/key"))
                .isInstanceOfSatisfying(
                        S3Exception.class, e -> assertThat(e.status()).isEqualTo(405));
    }
}

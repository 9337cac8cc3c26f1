package dev.sallyport.gateway.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.gateway.backend.BackendUnavailableException;
import dev.sallyport.gateway.http.BodyTooLargeException;
import dev.sallyport.gateway.operation.FakeExchange;
import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.operation.S3Operation;
import dev.sallyport.gateway.s3.S3Errors;
import dev.sallyport.gateway.s3.S3Exception;
import dev.sallyport.gateway.s3.S3Request;
import dev.sallyport.gateway.s3.S3RequestParser;
import dev.sallyport.kms.KmsException;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class S3ServiceTest {
    private final List<String> handled = new ArrayList<>();
    private RuntimeException failure = S3Errors.accessDenied();
    private boolean listable = true;

    private <R extends S3Request> S3Operation<R> answering() {
        return (call, request) -> {
            handled.add(request.getClass().getSimpleName());
            call.respond(200, new DefaultHttpHeaders());
        };
    }

    private <R extends S3Request> S3Operation<R> failing() {
        return (call, request) -> {
            throw failure;
        };
    }

    private FakeExchange send(FakeExchange exchange) {
        RequestAuthorizer authorizer = new RequestAuthorizer() {
            @Override
            public void authorize(S3Call call, S3Request request) {
                if (call.exchange().rawTarget().startsWith("/denied")) {
                    throw S3Errors.accessDenied();
                }
            }

            @Override
            public boolean mayList(S3Call call, String bucket) {
                return listable;
            }
        };
        new S3Service(
                        new S3RequestParser(List.of(), "111122223333"),
                        authorizer,
                        "us-east-1",
                        new BucketOperations(
                                answering(),
                                answering(),
                                answering(),
                                answering(),
                                answering(),
                                answering(),
                                answering(),
                                answering(),
                                answering(),
                                answering(),
                                answering()),
                        new ObjectOperations(failing(), failing(), answering(), answering(), answering(), answering()),
                        new UploadOperations(
                                answering(),
                                answering(),
                                answering(),
                                answering(),
                                answering(),
                                answering(),
                                answering()))
                .handle(exchange, FakeExchange.VERIFIED);
        return exchange;
    }

    @Test
    void everyRequestHasItsOperation() {
        send(new FakeExchange("GET", "/"));
        for (String query : List.of("", "?location", "?encryption", "?list-type=2", "?uploads")) {
            send(new FakeExchange("GET", "/bucket" + query));
        }
        send(new FakeExchange("PUT", "/bucket"));
        send(new FakeExchange("PUT", "/bucket?encryption"));
        send(new FakeExchange("HEAD", "/bucket"));
        send(new FakeExchange("DELETE", "/bucket"));
        send(new FakeExchange("DELETE", "/bucket?encryption"));
        send(new FakeExchange("POST", "/bucket?delete"));
        send(new FakeExchange("PUT", "/bucket/k"));
        send(new FakeExchange("DELETE", "/bucket/k"));
        send(new FakeExchange("PUT", "/bucket/k").with("x-amz-copy-source", "bucket/k"));
        send(new FakeExchange("GET", "/bucket/k?attributes").with("x-amz-object-attributes", "ETag"));
        send(new FakeExchange("POST", "/bucket/k?uploads"));
        send(new FakeExchange("PUT", "/bucket/k?uploadId=u&partNumber=1"));
        send(new FakeExchange("PUT", "/bucket/k?uploadId=u&partNumber=1").with("x-amz-copy-source", "bucket/k"));
        send(new FakeExchange("POST", "/bucket/k?uploadId=u"));
        send(new FakeExchange("DELETE", "/bucket/k?uploadId=u"));
        send(new FakeExchange("GET", "/bucket/k?uploadId=u"));
        assertThat(handled)
                .containsExactly(
                        "ListBuckets",
                        "ListObjects",
                        "GetBucketLocation",
                        "GetBucketEncryption",
                        "ListObjectsV2",
                        "ListMultipartUploads",
                        "CreateBucket",
                        "PutBucketEncryption",
                        "HeadBucket",
                        "DeleteBucket",
                        "DeleteBucketEncryption",
                        "DeleteObjects",
                        "PutObject",
                        "DeleteObject",
                        "CopyObject",
                        "GetObjectAttributes",
                        "CreateMultipartUpload",
                        "UploadPart",
                        "UploadPartCopy",
                        "CompleteMultipartUpload",
                        "AbortMultipartUpload",
                        "ListParts");
    }

    @Test
    void refusalsBecomeDocuments() {
        FakeExchange denied = send(new FakeExchange("PUT", "/denied/k?x-id=PutObject"));
        assertThat(denied.status()).isEqualTo(403);
        assertThat(denied.answerHeaders().get("content-type")).isEqualTo("application/xml");
        assertThat(denied.answer())
                .contains("<Error><Code>AccessDenied</Code><Message>Access Denied</Message>")
                .contains("<Resource>/denied/k</Resource><RequestId>0123456789ABCDEF</RequestId><HostId>");
        assertThat(handled).isEmpty();
    }

    @Test
    void headHasNoBody() {
        failure = S3Errors.noSuchKey("k");
        FakeExchange head = send(new FakeExchange("HEAD", "/bucket/k"));
        assertThat(head.status()).isEqualTo(404);
        assertThat(head.answer()).isEmpty();
    }

    @Test
    void whoMayNotListDoesNotLearnWhatIsMissing() {
        failure = S3Errors.noSuchKey("k");
        assertThat(send(new FakeExchange("GET", "/bucket/k")).status()).isEqualTo(404);
        listable = false;
        FakeExchange hidden = send(new FakeExchange("GET", "/bucket/k"));
        assertThat(hidden.status()).isEqualTo(403);
        assertThat(hidden.answer()).contains("<Code>AccessDenied</Code>").doesNotContain("NoSuchKey");
    }

    @Test
    void notModifiedHasItsETagAndNoBody() {
        failure = new S3Exception(304, "NotModified", "Not Modified").with("ETag", "\"a-1\"");
        FakeExchange unchanged = send(new FakeExchange("GET", "/bucket/k"));
        assertThat(unchanged.status()).isEqualTo(304);
        assertThat(unchanged.answer()).isEmpty();
        assertThat(unchanged.answerHeaders().get("etag")).isEqualTo("\"a-1\"");
    }

    @Test
    void otherFailures() {
        failure = new KmsException(KmsException.Code.DISABLED, "arn:x is disabled.");
        FakeExchange disabled = send(new FakeExchange("GET", "/bucket/k"));
        assertThat(disabled.status()).isEqualTo(400);
        assertThat(disabled.answer())
                .contains("<Code>KMS.DisabledException</Code><Message>arn:x is disabled.</Message>");
        failure = new BackendUnavailableException("down");
        FakeExchange down = send(new FakeExchange("GET", "/bucket/k"));
        assertThat(down.status()).isEqualTo(503);
        assertThat(down.answerHeaders().get("retry-after")).isEqualTo("2");
        failure = new BodyTooLargeException(1);
        assertThat(send(new FakeExchange("GET", "/bucket/k")).answer()).contains("MaxMessageLengthExceeded");
    }
}

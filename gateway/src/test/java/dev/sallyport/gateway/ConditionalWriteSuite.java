package dev.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sallyport.gateway.testing.GatewayFixture;
import dev.sallyport.gateway.testing.S3Store;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Conditions on what a write would replace, through the whole gateway, by the AWS SDK. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ConditionalWriteSuite {
    private static final String BUCKET = "conditions";
    private static final int MIN = 5 << 20;

    private S3Store store;
    private GatewayFixture gateway;
    private S3Client s3;

    abstract S3Store openStore();

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        store = openStore();
        gateway = GatewayFixture.start(store, directory);
        s3 = gateway.s3(gateway.administrator());
        s3.createBucket(r -> r.bucket(BUCKET));
    }

    @AfterAll
    void stop() {
        if (s3 != null) {
            s3.close();
        }
        if (gateway != null) {
            gateway.close();
        }
        if (store != null) {
            store.close();
        }
    }

    @Test
    void putObject() {
        String key = "put";
        S3Exception missing =
                refusal(() -> s3.putObject(r -> r.bucket(BUCKET).key(key).ifMatch("\"00-1\""), RequestBody.empty()));
        assertThat(missing.awsErrorDetails().errorCode()).isEqualTo("NoSuchKey");
        assertThat(missing.statusCode()).isEqualTo(404);
        String first = s3.putObject(
                        r -> r.bucket(BUCKET).key(key).ifNoneMatch("*"), RequestBody.fromBytes(random(300_000)))
                .eTag();
        failed(refusal(() ->
                s3.putObject(r -> r.bucket(BUCKET).key(key).ifNoneMatch("*"), RequestBody.fromBytes(random(300_000)))));
        failed(refusal(
                () -> s3.putObject(r -> r.bucket(BUCKET).key(key).ifMatch("\"00-1\""), RequestBody.fromString("x"))));
        assertThat(size(key)).isEqualTo(300_000);
        String second = s3.putObject(r -> r.bucket(BUCKET).key(key).ifMatch(first), RequestBody.fromString("abc"))
                .eTag();
        assertThat(second).isNotEqualTo(first);
        failed(refusal(() -> s3.putObject(r -> r.bucket(BUCKET).key(key).ifMatch(first), RequestBody.fromString("x"))));
        assertThat(size(key)).isEqualTo(3);
    }

    @Test
    void completionOfLargeParts() {
        completion("large", MIN, 100);
    }

    /** It is one PUT to the store. */
    @Test
    void completionOfOneSmallPart() {
        completion("small", 1_000);
    }

    @Test
    void completionOfOneEmptyPart() {
        completion("empty", 0);
    }

    private void completion(String key, int... lengths) {
        int length = java.util.Arrays.stream(lengths).sum();
        Upload ofMissing = new Upload(key, lengths);
        S3Exception missing = refusal(() -> ofMissing.complete(r -> r.ifMatch("\"00-1\"")));
        assertThat(missing.awsErrorDetails().errorCode()).isEqualTo("NoSuchKey");
        assertThat(missing.statusCode()).isEqualTo(404);
        String first = ofMissing.complete(r -> r.ifNoneMatch("*"));
        assertThat(ofMissing.complete(r -> r.ifNoneMatch("*")))
                .as("a retry whose first answer was lost")
                .isEqualTo(first);
        assertThat(size(key)).isEqualTo(length);

        s3.putObject(r -> r.bucket(BUCKET).key(key), RequestBody.fromString("in between"));
        String between = s3.headObject(r -> r.bucket(BUCKET).key(key)).eTag();
        Upload upload = new Upload(key, lengths);
        failed(refusal(() -> upload.complete(r -> r.ifNoneMatch("*"))));
        failed(refusal(() -> upload.complete(r -> r.ifMatch(first))));
        assertThat(size(key)).as("the object stands").isEqualTo("in between".length());
        assertThat(upload.complete(r -> r.ifMatch(between)))
                .as("the upload is usable after all that")
                .isNotEqualTo(between);
        assertThat(size(key)).isEqualTo(length);
        assertThat(refusal(() -> upload.complete(r -> r.ifMatch("*"))).statusCode())
                .isEqualTo(501);
        assertThat(refusal(() -> upload.complete(r -> r.ifNoneMatch(first))).statusCode())
                .isEqualTo(501);
    }

    @Test
    void copyObjectOfASmallSource() {
        copyObject("from-small", 6);
    }

    @Test
    void copyObjectOfALargeSource() {
        copyObject("from-large", 400_000);
    }

    private void copyObject(String from, int length) {
        String to = from + "-copy";
        s3.putObject(r -> r.bucket(BUCKET).key(from), RequestBody.fromBytes(random(length)));
        S3Exception missing = refusal(() -> copy(from, to, "If-Match", "\"00-1\""));
        assertThat(missing.awsErrorDetails().errorCode()).isEqualTo("NoSuchKey");
        String first = copy(from, to, "If-None-Match", "*");
        s3.putObject(r -> r.bucket(BUCKET).key(to), RequestBody.fromString("in between"));
        String between = s3.headObject(r -> r.bucket(BUCKET).key(to)).eTag();
        failed(refusal(() -> copy(from, to, "If-None-Match", "*")));
        failed(refusal(() -> copy(from, to, "If-Match", first)));
        assertThat(size(to)).isEqualTo("in between".length());
        assertThat(copy(from, to, "If-Match", between)).isNotEqualTo(between);
        assertThat(s3.getObjectAsBytes(r -> r.bucket(BUCKET).key(to)).asByteArray())
                .isEqualTo(random(length));
        assertThat(refusal(() -> copy(from, to, "If-Match", "*")).statusCode()).isEqualTo(501);
    }

    private String copy(String from, String to, String condition, String value) {
        return s3.copyObject(r -> {
                    r.sourceBucket(BUCKET)
                            .sourceKey(from)
                            .destinationBucket(BUCKET)
                            .destinationKey(to);
                    r.overrideConfiguration(o -> o.putHeader(condition, value));
                })
                .copyObjectResult()
                .eTag();
    }

    private final class Upload {
        private final String key;
        private final String id;
        private final List<CompletedPart> parts = new ArrayList<>();

        Upload(String key, int... lengths) {
            this.key = key;
            id = s3.createMultipartUpload(r -> r.bucket(BUCKET).key(key)).uploadId();
            for (int length : lengths) {
                int number = parts.size() + 1;
                String etag = s3.uploadPart(
                                r -> r.bucket(BUCKET).key(key).uploadId(id).partNumber(number),
                                RequestBody.fromBytes(random(length)))
                        .eTag();
                parts.add(CompletedPart.builder().partNumber(number).eTag(etag).build());
            }
        }

        String complete(Consumer<CompleteMultipartUploadRequest.Builder> conditions) {
            return s3.completeMultipartUpload(r -> {
                        r.bucket(BUCKET).key(key).uploadId(id).multipartUpload(m -> m.parts(parts));
                        conditions.accept(r);
                    })
                    .eTag();
        }
    }

    private long size(String key) {
        return s3.headObject(r -> r.bucket(BUCKET).key(key)).contentLength();
    }

    private static void failed(S3Exception refused) {
        assertThat(refused.statusCode()).isEqualTo(412);
        assertThat(refused.awsErrorDetails().errorCode()).isEqualTo("PreconditionFailed");
    }

    private static S3Exception refusal(Runnable request) {
        S3Exception refused = catchThrowableOfType(S3Exception.class, request::run);
        assertThat(refused).isNotNull();
        return refused;
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }
}

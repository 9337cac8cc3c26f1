package dev.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sallyport.gateway.auth.SigV4Signer;
import dev.sallyport.gateway.testing.FaultyPath;
import dev.sallyport.gateway.testing.GatewayFixture;
import dev.sallyport.gateway.testing.S3Store;
import dev.sallyport.kms.crypto.SecretBytes;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** What clients see of long requests when the store is slow, goes away, or gives bytes that are not its object's. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class StoreFaultSuite {
    private static final String BUCKET = "faults";
    private static final int MIN = 5 << 20;

    private S3Store store;
    private FaultyPath path;
    private GatewayFixture gateway;
    private S3Client s3;

    abstract S3Store openStore();

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        store = openStore();
        path = new FaultyPath(store);
        gateway = GatewayFixture.start(path, directory, "limits: {holdAfter: 100ms}");
        s3 = S3Client.builder()
                .endpointOverride(gateway.endpoint())
                .region(Region.US_EAST_1)
                .forcePathStyle(true)
                .credentialsProvider(StaticCredentialsProvider.create(gateway.administrator()))
                .overrideConfiguration(o -> o.retryStrategy(AwsRetryStrategy.doNotRetry()))
                .build();
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
        if (path != null) {
            path.close();
        }
        if (store != null) {
            store.close();
        }
    }

    @Test
    void aCompletionWhoseAnswerIsLostIsASuccessForItsRetryThoughItsConditionFailsNow() {
        for (int length : new int[] {MIN, 100}) {
            String key = "lost-" + length;
            String id = create(key);
            CompletedPart part = part(key, id, 1, random(length));
            boolean single = length < MIN;
            path.cut((single ? "PUT /" : "POST /") + BUCKET + '/' + key, 0);
            // Nor can the gateway see what came of it.
            path.cut("HEAD /" + BUCKET + '/' + key, 0);
            S3Exception unknown = refusal(() -> completeIfNew(key, id, part));
            assertThat(unknown.awsErrorDetails().errorCode()).isEqualTo("ServiceUnavailable");
            assertThat(path.mend()).isPositive();
            String etag = s3.headObject(r -> r.bucket(BUCKET).key(key)).eTag();
            assertThat(completeIfNew(key, id, part)).isEqualTo(etag);
            assertThat(read(key)).isEqualTo(random(length));
        }
    }

    private String completeIfNew(String key, String id, CompletedPart part) {
        return s3.completeMultipartUpload(r ->
                        r.bucket(BUCKET).key(key).uploadId(id).ifNoneMatch("*").multipartUpload(m -> m.parts(part)))
                .eTag();
    }

    @Test
    void aSlowCompletionKeepsItsClientWithWhiteSpace() throws Exception {
        String key = "slow";
        String id = create(key);
        CompletedPart part = part(key, id, 1, random(MIN));
        String rest = slowly(key, id, part, null);
        assertThat(rest).contains("<CompleteMultipartUploadResult ").contains("<Key>slow</Key>");
        assertThat(read(key)).isEqualTo(random(MIN));
    }

    @Test
    void aSlowCompletionThatIsRefusedIsAnErrorBehindTheWhiteSpace() throws Exception {
        String key = "slow-and-refused";
        s3.putObject(r -> r.bucket(BUCKET).key(key), RequestBody.fromString("old"));
        String id = create(key);
        CompletedPart part = part(key, id, 1, random(MIN));
        String rest = slowly(key, id, part, "*");
        assertThat(rest).contains("<Error><Code>PreconditionFailed</Code>").contains("<Condition>If-None-Match<");
        assertThat(read(key)).isEqualTo("old".getBytes(StandardCharsets.UTF_8));
        s3.completeMultipartUpload(r -> r.bucket(BUCKET).key(key).uploadId(id).multipartUpload(m -> m.parts(part)));
        assertThat(read(key)).isEqualTo(random(MIN));
    }

    /** Completes while the store's answer is held back; gives what comes after the white space. */
    private String slowly(String key, String id, CompletedPart part, @Nullable String ifNoneMatch) throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        path.hold("POST /" + BUCKET + '/' + key + "?uploadId=", release);
        byte[] list = ("<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" + part.eTag()
                        + "</ETag></Part></CompleteMultipartUpload>")
                .getBytes(StandardCharsets.UTF_8);
        HttpHeaders headers = new DefaultHttpHeaders();
        if (ifNoneMatch != null) {
            headers.set("if-none-match", ifNoneMatch);
        }
        String query = "uploadId=" + id;
        URI endpoint = gateway.endpoint();
        try (HttpClient http = HttpClient.newHttpClient();
                SecretBytes secret = SecretBytes.takeOver(
                        gateway.administrator().secretAccessKey().getBytes(StandardCharsets.UTF_8))) {
            new SigV4Signer(gateway.administrator().accessKeyId(), secret, "us-east-1", "s3")
                    .sign(
                            "POST",
                            endpoint.getAuthority(),
                            '/' + BUCKET + '/' + key,
                            query,
                            headers,
                            "UNSIGNED-PAYLOAD",
                            Instant.now());
            HttpRequest.Builder request = HttpRequest.newBuilder(
                            URI.create(endpoint + "/" + BUCKET + '/' + key + '?' + query))
                    .POST(HttpRequest.BodyPublishers.ofByteArray(list));
            headers.forEach(header -> {
                // This the client sends by itself.
                if (!header.getKey().equalsIgnoreCase("host")) {
                    request.header(header.getKey(), header.getValue());
                }
            });
            HttpResponse<InputStream> response = http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.headers().firstValue("content-type")).hasValue("application/xml");
            assertThat(response.headers().firstValue("x-amz-server-side-encryption"))
                    .hasValue("aws:kms");
            assertThat(response.headers()
                            .firstValue("x-amz-server-side-encryption-aws-kms-key-id")
                            .orElse(""))
                    .startsWith("arn:aws:kms:");
            String begun = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n   ";
            InputStream body = response.body();
            assertThat(new String(body.readNBytes(begun.length()), StandardCharsets.UTF_8))
                    .isEqualTo(begun);
            release.countDown();
            return new String(body.readAllBytes(), StandardCharsets.UTF_8);
        } finally {
            release.countDown();
            path.mend();
        }
    }

    /** Copies of a range that waits for the completion, and of one that goes into the store's upload. */
    @Test
    void aCopiedPartWhoseSourceIsCutOrTamperedWithIsNone() {
        byte[] source = random(3 * MIN);
        s3.putObject(r -> r.bucket(BUCKET).key("source"), RequestBody.fromBytes(source));
        String id = create("assembled");
        String large = "bytes=0-" + (source.length - 1);
        String small = "bytes=1000000-1999999";

        for (String range : new String[] {large, small}) {
            path.cut("GET /" + BUCKET + "/source", 500_000);
            S3Exception cut = refusal(() -> copy(id, 1, range));
            assertThat(path.mend()).isPositive();
            assertThat(cut.awsErrorDetails().errorCode()).as(range).isEqualTo("ServiceUnavailable");
        }
        try (S3Client behind = gateway.behind()) {
            ResponseBytes<GetObjectResponse> stored =
                    behind.getObjectAsBytes(r -> r.bucket(BUCKET).key("source"));
            byte[] changed = stored.asByteArray();
            changed[1_500_000] ^= 1;
            write(behind, stored.response(), changed);
            for (String range : new String[] {large, small}) {
                S3Exception tampered = refusal(() -> copy(id, 1, range));
                assertThat(tampered.awsErrorDetails().errorCode()).as(range).isEqualTo("AccessDenied");
            }
            assertThat(s3.listParts(r -> r.bucket(BUCKET).key("assembled").uploadId(id))
                            .parts())
                    .isEmpty();
            changed[1_500_000] ^= 1;
            write(behind, stored.response(), changed);
        }
        CompletedPart first = copy(id, 1, large);
        CompletedPart last = copy(id, 2, small);
        s3.completeMultipartUpload(
                r -> r.bucket(BUCKET).key("assembled").uploadId(id).multipartUpload(m -> m.parts(first, last)));
        byte[] expected = Arrays.copyOf(source, source.length + 1_000_000);
        System.arraycopy(source, 1_000_000, expected, source.length, 1_000_000);
        assertThat(Arrays.equals(read("assembled"), expected)).isTrue();
        assertThat(s3.listObjectsV2(r -> r.bucket(BUCKET).prefix("assembled"))
                        .contents()
                        .getFirst()
                        .size())
                .isEqualTo(expected.length);
    }

    /** The same object but for its bytes. */
    private static void write(S3Client behind, GetObjectResponse as, byte[] bytes) {
        behind.putObject(
                r -> r.bucket(BUCKET)
                        .key("source")
                        .contentType(as.contentType())
                        .metadata(as.metadata()),
                RequestBody.fromBytes(bytes));
    }

    private CompletedPart copy(String id, int number, String range) {
        String etag = s3.uploadPartCopy(r -> r.sourceBucket(BUCKET)
                        .sourceKey("source")
                        .copySourceRange(range)
                        .destinationBucket(BUCKET)
                        .destinationKey("assembled")
                        .uploadId(id)
                        .partNumber(number))
                .copyPartResult()
                .eTag();
        return CompletedPart.builder().partNumber(number).eTag(etag).build();
    }

    private String create(String key) {
        return s3.createMultipartUpload(r -> r.bucket(BUCKET).key(key)).uploadId();
    }

    private CompletedPart part(String key, String id, int number, byte[] body) {
        String etag = s3.uploadPart(
                        r -> r.bucket(BUCKET).key(key).uploadId(id).partNumber(number), RequestBody.fromBytes(body))
                .eTag();
        return CompletedPart.builder().partNumber(number).eTag(etag).build();
    }

    private byte[] read(String key) {
        return s3.getObjectAsBytes(r -> r.bucket(BUCKET).key(key)).asByteArray();
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

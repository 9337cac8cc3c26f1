package dev.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sallyport.gateway.testing.GatewayFixture;
import dev.sallyport.gateway.testing.S3Store;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CopyObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.MetadataDirective;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;

/** Copies whose bytes pass the gateway: of objects that it did not write, and with another checksum. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class CopyStreamSuite {
    private static final String BUCKET = "mixed-up";
    private static final int MIN = 5 << 20;
    private static final String TYPE = "Text/Plain; Charset=UTF-8";

    private S3Store store;
    private GatewayFixture gateway;
    private S3Client s3;
    private S3Client behind;

    abstract S3Store openStore();

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        store = openStore();
        gateway = GatewayFixture.start(store, directory, "buckets: {defaultMode: mixed}");
        s3 = gateway.s3(gateway.administrator());
        behind = gateway.behind();
        s3.createBucket(r -> r.bucket(BUCKET));
    }

    @AfterAll
    void stop() {
        if (s3 != null) {
            s3.close();
            behind.close();
        }
        if (gateway != null) {
            gateway.close();
        }
        if (store != null) {
            store.close();
        }
    }

    @Test
    void anObjectThatTheGatewayDidNotWriteIsEncryptedByItsCopy() {
        for (int length : new int[] {0, 1, 256 << 10, (256 << 10) + 1, 3_000_000}) {
            byte[] body = random(length);
            String from = "foreign-" + length;
            String to = "copy-" + length;
            foreign(from, body);
            CopyObjectResponse copied = copy(from, to);
            assertThat(copied.serverSideEncryption()).isEqualTo(ServerSideEncryption.AWS_KMS);
            assertThat(copied.copyObjectResult().lastModified())
                    .isBetween(Instant.now().minusSeconds(600), Instant.now().plusSeconds(600));
            assertEncrypted(to, body);
            HeadObjectResponse head = s3.headObject(r -> r.bucket(BUCKET).key(to));
            assertThat(head.eTag()).isEqualTo(copied.copyObjectResult().eTag());
            assertThat(head.contentType())
                    .isEqualTo(
                            behind.headObject(r -> r.bucket(BUCKET).key(from)).contentType());
            assertThat(head.cacheControl()).isEqualTo("max-age=7");
            assertThat(head.metadata()).isEqualTo(Map.of("color", "blue"));
        }
    }

    @Test
    void aContentTypeIsCopiedAsItStands() {
        s3.putObject(r -> r.bucket(BUCKET).key("typed").contentType(TYPE), RequestBody.fromString("x"));
        String stored = behind.headObject(r -> r.bucket(BUCKET).key("typed")).contentType();
        if (store.name().equals("minio")) {
            assertThat(stored).isEqualTo(TYPE);
        }
        copy("typed", "typed-copy");
        assertThat(s3.headObject(r -> r.bucket(BUCKET).key("typed-copy")).contentType())
                .isEqualTo(stored);
    }

    @Test
    void aForeignObjectIsEncryptedInPlaceWithMetadataOfTheRequest() {
        byte[] body = random(700_000);
        foreign("in-place", body);
        s3.copyObject(r -> r.sourceBucket(BUCKET)
                .sourceKey("in-place")
                .destinationBucket(BUCKET)
                .destinationKey("in-place")
                .metadataDirective(MetadataDirective.REPLACE)
                .contentType("image/x")
                .metadata(Map.of("color", "red")));
        assertEncrypted("in-place", body);
        HeadObjectResponse head = s3.headObject(r -> r.bucket(BUCKET).key("in-place"));
        assertThat(head.contentType()).isEqualTo("image/x");
        assertThat(head.cacheControl()).isNull();
        assertThat(head.metadata()).isEqualTo(Map.of("color", "red"));
    }

    @Test
    void conditionsOnAForeignSource() {
        byte[] body = random(1_000);
        foreign("conditional", body);
        String etag = s3.headObject(r -> r.bucket(BUCKET).key("conditional")).eTag();
        S3Exception other = catchThrowableOfType(
                S3Exception.class,
                () -> s3.copyObject(r -> r.sourceBucket(BUCKET)
                        .sourceKey("conditional")
                        .copySourceIfMatch("\"00-1\"")
                        .destinationBucket(BUCKET)
                        .destinationKey("conditional-copy")));
        assertThat(other.statusCode()).isEqualTo(412);
        S3Exception same = catchThrowableOfType(
                S3Exception.class,
                () -> s3.copyObject(r -> r.sourceBucket(BUCKET)
                        .sourceKey("conditional")
                        .copySourceIfNoneMatch(etag)
                        .destinationBucket(BUCKET)
                        .destinationKey("conditional-copy")));
        assertThat(same.statusCode()).isEqualTo(412);
        assertThat(s3.listObjectsV2(r -> r.bucket(BUCKET).prefix("conditional-copy"))
                        .contents())
                .isEmpty();
        s3.copyObject(r -> r.sourceBucket(BUCKET)
                .sourceKey("conditional")
                .copySourceIfMatch(etag)
                .copySourceIfUnmodifiedSince(Instant.EPOCH.plusSeconds(1))
                .destinationBucket(BUCKET)
                .destinationKey("conditional-copy"));
        assertEncrypted("conditional-copy", body);
    }

    @Test
    void partsAreCopiedFromForeignObjects() {
        byte[] body = random(MIN + 200_000);
        foreign("parts", body);
        String id =
                s3.createMultipartUpload(r -> r.bucket(BUCKET).key("assembled")).uploadId();
        List<CompletedPart> parts = new ArrayList<>();
        for (String range : Arrays.asList(null, "bytes=1000-101000")) {
            int number = parts.size() + 1;
            String etag = s3.uploadPartCopy(r -> r.sourceBucket(BUCKET)
                            .sourceKey("parts")
                            .copySourceRange(range)
                            .destinationBucket(BUCKET)
                            .destinationKey("assembled")
                            .uploadId(id)
                            .partNumber(number))
                    .copyPartResult()
                    .eTag();
            parts.add(CompletedPart.builder().partNumber(number).eTag(etag).build());
        }
        S3Exception beyond = catchThrowableOfType(
                S3Exception.class,
                () -> s3.uploadPartCopy(r -> r.sourceBucket(BUCKET)
                        .sourceKey("parts")
                        .copySourceRange("bytes=0-" + body.length)
                        .destinationBucket(BUCKET)
                        .destinationKey("assembled")
                        .uploadId(id)
                        .partNumber(3)));
        assertThat(beyond.awsErrorDetails().errorCode()).isEqualTo("InvalidArgument");
        s3.completeMultipartUpload(
                r -> r.bucket(BUCKET).key("assembled").uploadId(id).multipartUpload(m -> m.parts(parts)));
        byte[] expected = Arrays.copyOf(body, body.length + 100_001);
        System.arraycopy(body, 1000, expected, body.length, 100_001);
        assertEncrypted("assembled", expected);
    }

    @Test
    void aChecksumThatTheSourceLacksIsComputed() throws Exception {
        s3.putObject(
                r -> r.bucket(BUCKET).key("sum-small").checksumAlgorithm(ChecksumAlgorithm.CRC32),
                RequestBody.fromBytes(random(1_000)));
        s3.putObject(
                r -> r.bucket(BUCKET).key("sum-large").checksumAlgorithm(ChecksumAlgorithm.CRC32),
                RequestBody.fromBytes(random(900_000)));
        multipart("sum-multipart", random(MIN + 5_000));
        for (String from : List.of("sum-small", "sum-large", "sum-multipart")) {
            byte[] body = s3.getObjectAsBytes(r -> r.bucket(BUCKET).key(from)).asByteArray();
            String expected = Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-256").digest(body));
            String to = from + "-copy";
            CopyObjectResponse copied = s3.copyObject(r -> r.sourceBucket(BUCKET)
                    .sourceKey(from)
                    .destinationBucket(BUCKET)
                    .destinationKey(to)
                    .checksumAlgorithm(ChecksumAlgorithm.SHA256));
            assertThat(copied.copyObjectResult().checksumSHA256()).as(from).isEqualTo(expected);
            HeadObjectResponse head =
                    s3.headObject(r -> r.bucket(BUCKET).key(to).checksumMode(ChecksumMode.ENABLED));
            assertThat(head.checksumSHA256()).isEqualTo(expected);
            assertEncrypted(to, body);
        }
    }

    private void multipart(String key, byte[] body) {
        String id = s3.createMultipartUpload(r -> r.bucket(BUCKET).key(key)).uploadId();
        List<CompletedPart> parts = new ArrayList<>();
        for (int from = 0; from < body.length; from += MIN) {
            byte[] part = Arrays.copyOfRange(body, from, Math.min(body.length, from + MIN));
            int number = parts.size() + 1;
            String etag = s3.uploadPart(
                            r -> r.bucket(BUCKET).key(key).uploadId(id).partNumber(number), RequestBody.fromBytes(part))
                    .eTag();
            parts.add(CompletedPart.builder().partNumber(number).eTag(etag).build());
        }
        s3.completeMultipartUpload(r -> r.bucket(BUCKET).key(key).uploadId(id).multipartUpload(m -> m.parts(parts)));
    }

    private void foreign(String key, byte[] body) {
        behind.putObject(
                r -> r.bucket(BUCKET)
                        .key(key)
                        .contentType(TYPE)
                        .cacheControl("max-age=7")
                        .metadata(Map.of("color", "blue")),
                RequestBody.fromBytes(body));
    }

    private CopyObjectResponse copy(String from, String to) {
        return s3.copyObject(r ->
                r.sourceBucket(BUCKET).sourceKey(from).destinationBucket(BUCKET).destinationKey(to));
    }

    private void assertEncrypted(String key, byte[] plain) {
        HeadObjectResponse head = s3.headObject(r -> r.bucket(BUCKET).key(key));
        assertThat(head.serverSideEncryption()).isEqualTo(ServerSideEncryption.AWS_KMS);
        assertThat(head.contentLength()).isEqualTo(plain.length);
        assertThat(s3.listObjectsV2(r -> r.bucket(BUCKET).prefix(key)).contents().stream()
                        .filter(object -> object.key().equals(key))
                        .findFirst()
                        .orElseThrow()
                        .size())
                .isEqualTo(plain.length);
        assertThat(Arrays.equals(
                        s3.getObjectAsBytes(r -> r.bucket(BUCKET).key(key)).asByteArray(), plain))
                .as(key)
                .isTrue();
        byte[] stored = behind.getObjectAsBytes(r -> r.bucket(BUCKET).key(key)).asByteArray();
        if (plain.length >= 64) {
            String some = new String(plain, plain.length / 2, 32, StandardCharsets.ISO_8859_1);
            assertThat(new String(stored, StandardCharsets.ISO_8859_1).contains(some))
                    .as("plaintext in the store")
                    .isFalse();
        }
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }
}

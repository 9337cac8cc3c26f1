package dev.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sallyport.gateway.testing.EmbeddedS3Store;
import dev.sallyport.gateway.testing.GatewayFixture;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.KmsException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;

/** A gateway whose keys another gateway keeps. */
@Timeout(180)
class RemoteKmsIT {
    private static final String BUCKET = "remote";
    private static final Duration CACHE_TIME = Duration.ofSeconds(1);
    private static final byte[] BODY = "under a key that is kept elsewhere".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path directory;

    private EmbeddedS3Store store;
    private GatewayFixture keeper;
    private GatewayFixture gateway;
    private KmsClient kms;
    private S3Client s3;
    private String key;

    @BeforeEach
    void start() throws Exception {
        store = new EmbeddedS3Store();
        keeper = GatewayFixture.start(store, Files.createDirectory(directory.resolve("keeper")));
        kms = keeper.kms(keeper.administrator());
        key = kms.createKey(r -> {}).keyMetadata().arn();
        kms.createAlias(r -> r.aliasName("alias/objects").targetKeyId(key));
        Path own = Files.createDirectory(directory.resolve("gateway"));
        Files.writeString(own.resolve("id"), keeper.administrator().accessKeyId() + "\n");
        Files.writeString(own.resolve("secret"), keeper.administrator().secretAccessKey() + "\n");
        gateway = GatewayFixture.start(store, own, """
                uploads: {stagingBucket: remote-staging}
                kms:
                  remote:
                    endpoint: %s
                    defaultKey: alias/objects
                    accessKeyFile: id
                    secretKeyFile: secret
                    cacheTime: %ds
                    timeout: 2s
                """.formatted(keeper.endpoint(), CACHE_TIME.toSeconds()));
        s3 = gateway.s3(gateway.administrator());
        s3.createBucket(r -> r.bucket(BUCKET));
    }

    @AfterEach
    void stop() {
        s3.close();
        kms.close();
        gateway.close();
        keeper.close();
        store.close();
    }

    @Test
    void objectsAreUnderTheRemoteKey() {
        var put = s3.putObject(r -> r.bucket(BUCKET).key("k"), RequestBody.fromBytes(BODY));
        assertThat(put.ssekmsKeyId()).isEqualTo(key);
        assertThat(read(s3, "k")).isEqualTo(BODY);
        s3.copyObject(r ->
                r.sourceBucket(BUCKET).sourceKey("k").destinationBucket(BUCKET).destinationKey("copy"));
        assertThat(read(s3, "copy")).isEqualTo(BODY);
        assertThat(s3.getBucketEncryption(r -> r.bucket(BUCKET))
                        .serverSideEncryptionConfiguration()
                        .rules()
                        .getFirst()
                        .applyServerSideEncryptionByDefault()
                        .kmsMasterKeyID())
                .isEqualTo("alias/objects");
        try (S3Client behind = gateway.behind()) {
            byte[] stored =
                    behind.getObjectAsBytes(r -> r.bucket(BUCKET).key("k")).asByteArray();
            assertThat(new String(stored, StandardCharsets.ISO_8859_1)).doesNotContain("kept elsewhere");
        }

        byte[] large = new byte[6 << 20];
        new Random(3).nextBytes(large);
        String upload =
                s3.createMultipartUpload(r -> r.bucket(BUCKET).key("parts")).uploadId();
        CompletedPart[] parts = new CompletedPart[2];
        for (int i = 0; i < 2; i++) {
            int number = i + 1;
            byte[] part = Arrays.copyOfRange(large, i * (5 << 20), Math.min(large.length, (i + 1) * (5 << 20)));
            String tag = s3.uploadPart(
                            r -> r.bucket(BUCKET).key("parts").uploadId(upload).partNumber(number),
                            RequestBody.fromBytes(part))
                    .eTag();
            parts[i] = CompletedPart.builder().partNumber(number).eTag(tag).build();
        }
        s3.completeMultipartUpload(
                r -> r.bucket(BUCKET).key("parts").uploadId(upload).multipartUpload(m -> m.parts(parts)));
        assertThat(read(s3, "parts")).isEqualTo(large);
    }

    @Test
    void theKeyThatAwsManagesIsRefusedByName() {
        S3Exception refused = catchThrowableOfType(
                S3Exception.class,
                () -> s3.putObject(
                        r -> r.bucket(BUCKET)
                                .key("k")
                                .serverSideEncryption(ServerSideEncryption.AWS_KMS)
                                .ssekmsKeyId("alias/aws/s3"),
                        RequestBody.fromBytes(BODY)));
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.getMessage()).contains("alias/aws/s3", "customer-managed");
    }

    @Test
    void theKmsOfThisGatewaySaysWhereTheKeysAre() {
        try (KmsClient here = gateway.kms(gateway.administrator())) {
            assertThatThrownBy(here::listKeys).isInstanceOfSatisfying(KmsException.class, e -> {
                assertThat(e.awsErrorDetails().errorCode()).isEqualTo("UnsupportedOperationException");
                assertThat(e.getMessage()).contains(keeper.endpoint().toString());
            });
        }
    }

    @Test
    void thePoliciesOfTheGatewaysOwnCallersHold() {
        s3.putObject(r -> r.bucket(BUCKET).key("k"), RequestBody.fromBytes(BODY));
        try (S3Client other = gateway.s3(gateway.s3Only())) {
            assertThatThrownBy(() -> read(other, "k")).isInstanceOfSatisfying(S3Exception.class, e -> {
                assertThat(e.awsErrorDetails().errorCode()).isEqualTo("AccessDenied");
                assertThat(e.getMessage()).contains("user/s3-only", "kms:Decrypt", key);
            });
            assertThatThrownBy(() -> other.putObject(r -> r.bucket(BUCKET).key("k2"), RequestBody.fromBytes(BODY)))
                    .isInstanceOfSatisfying(
                            S3Exception.class, e -> assertThat(e.getMessage()).contains("kms:GenerateDataKey", key));
        }
    }

    @Test
    void aKeyDisabledThereIsRefusedHere() throws Exception {
        s3.putObject(r -> r.bucket(BUCKET).key("each"), RequestBody.fromBytes(BODY));
        s3.putObject(r -> r.bucket(BUCKET).key("bucket-key").bucketKeyEnabled(true), RequestBody.fromBytes(BODY));
        assertThat(read(s3, "bucket-key")).isEqualTo(BODY);
        kms.disableKey(r -> r.keyId(key));
        long disabled = System.nanoTime();
        // asked anew for each object
        assertThat(code(() -> read(s3, "each"))).isEqualTo("KMS.DisabledException");
        // as long as the configuration says, and no longer
        String code;
        do {
            Thread.sleep(50);
            code = code(() -> read(s3, "bucket-key"));
        } while (code.isEmpty()
                && System.nanoTime() - disabled < Duration.ofSeconds(60).toNanos());
        assertThat(code).isEqualTo("KMS.DisabledException");
        kms.enableKey(r -> r.keyId(key));
        assertThat(read(s3, "each")).isEqualTo(BODY);
        awaitBody("bucket-key");
    }

    private void awaitBody(String object) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!code(() -> read(s3, object)).isEmpty() && System.nanoTime() < end) {
            Thread.sleep(50);
        }
        assertThat(read(s3, object)).isEqualTo(BODY);
    }

    @Test
    void aRemoteThatIsDownIsUnavailableAndNoDenial() throws Exception {
        s3.putObject(r -> r.bucket(BUCKET).key("k"), RequestBody.fromBytes(BODY));
        awaitReadiness("");
        keeper.close();
        assertThat(status(() -> read(s3, "k"))).isEqualTo(503);
        awaitReadiness("the remote KMS cannot be reached");
    }

    @Test
    void wrongCredentialsAreSaidAndMayBeReplacedWhileItRuns() throws Exception {
        s3.putObject(r -> r.bucket(BUCKET).key("k"), RequestBody.fromBytes(BODY));
        Path secret = directory.resolve("gateway/secret");
        Files.writeString(secret, "not the secret of that access key");
        assertThat(status(() -> read(s3, "k"))).isEqualTo(503);
        awaitReadiness("the remote KMS does not accept these credentials: InvalidSignatureException");
        Files.writeString(secret, keeper.administrator().secretAccessKey());
        assertThat(read(s3, "k")).isEqualTo(BODY);
        awaitReadiness("");
    }

    /** Waits until the check of the KMS says {@code text}; empty for none. */
    private void awaitReadiness(String text) throws IOException, InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        try (HttpClient client = HttpClient.newHttpClient()) {
            String body;
            do {
                Thread.sleep(50);
                body = client.send(
                                HttpRequest.newBuilder(gateway.adminEndpoint().resolve("/readyz"))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString())
                        .body();
            } while ((text.isEmpty() ? body.contains("kms") : !body.contains(text)) && System.nanoTime() < end);
            if (text.isEmpty()) {
                assertThat(body).doesNotContain("kms");
            } else {
                assertThat(body).contains(text);
            }
        }
    }

    private static byte[] read(S3Client client, String object) {
        return client.getObjectAsBytes(
                        GetObjectRequest.builder().bucket(BUCKET).key(object).build())
                .asByteArray();
    }

    private static String code(Callable<byte[]> call) throws Exception {
        try {
            call.call();
            return "";
        } catch (S3Exception e) {
            return e.awsErrorDetails().errorCode();
        }
    }

    private static int status(Callable<byte[]> call) throws Exception {
        try {
            call.call();
            return 200;
        } catch (S3Exception e) {
            return e.statusCode();
        }
    }
}

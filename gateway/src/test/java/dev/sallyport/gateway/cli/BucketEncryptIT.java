package dev.sallyport.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.gateway.testing.EmbeddedS3Store;
import dev.sallyport.gateway.testing.GatewayFixture;
import dev.sallyport.gateway.testing.MinioStore;
import dev.sallyport.gateway.testing.S3Store;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;

/** A bucket that held plaintext, and objects under another key, is under one key afterwards. */
class BucketEncryptIT {
    @TempDir
    Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(GatewayFixture gateway, String key, String... more) throws Exception {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        Path credentials = Files.writeString(
                directory.resolve("credentials"),
                "[default]\naws_access_key_id = " + gateway.administrator().accessKeyId()
                        + "\naws_secret_access_key = "
                        + gateway.administrator().secretAccessKey() + "\n");
        List<String> arguments = new ArrayList<>(List.of(
                "bucket",
                "encrypt",
                "photos",
                "--kms-key",
                key,
                "--endpoint",
                gateway.endpoint().toString(),
                "--credentials-file",
                credentials.toString(),
                "--state",
                directory.resolve("state").toString()));
        arguments.addAll(List.of(more));
        CommandLine line = SallyportCommand.commandLine();
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        return line.execute(arguments.toArray(String[]::new));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyObjectIsUnderTheKeyAfterwards(boolean minio) throws Exception {
        byte[] large = new byte[1_000_001];
        new Random(1).nextBytes(large);
        try (S3Store store = minio ? MinioStore.openOrSkip() : new EmbeddedS3Store();
                GatewayFixture gateway = GatewayFixture.start(store, directory, "buckets: {defaultMode: mixed}");
                S3Client s3 = gateway.s3(gateway.administrator());
                S3Client behind = gateway.behind();
                KmsClient kms = gateway.kms(gateway.administrator())) {
            String arn = kms.createKey(r -> {}).keyMetadata().arn();
            kms.createAlias(r -> r.aliasName("alias/photos").targetKeyId(arn));
            s3.createBucket(r -> r.bucket("photos"));
            behind.putObject(
                    r -> r.bucket("photos").key("foreign/plain text ü+%").contentType("text/plain"),
                    RequestBody.fromString("in the clear"));
            behind.putObject(r -> r.bucket("photos").key("foreign/large"), RequestBody.fromBytes(large));
            s3.putObject(r -> r.bucket("photos").key("managed"), RequestBody.fromString("under aws/s3"));
            s3.putObject(
                    r -> r.bucket("photos")
                            .key("under")
                            .serverSideEncryption(ServerSideEncryption.AWS_KMS)
                            .ssekmsKeyId(arn),
                    RequestBody.fromString("under it already"));
            String untouched =
                    s3.headObject(r -> r.bucket("photos").key("under")).eTag();

            assertThat(run(gateway, "alias/photos", "--json"))
                    .as(err.toString() + out)
                    .isZero();
            assertThat(out.toString().lines().toList().getLast())
                    .isEqualTo("{\"total\":4,\"encrypted\":3,\"skipped\":1,\"failed\":0}");
            for (String key : List.of("foreign/plain text ü+%", "foreign/large", "managed", "under")) {
                HeadObjectResponse head = s3.headObject(r -> r.bucket("photos").key(key));
                assertThat(head.ssekmsKeyId()).as(key).isEqualTo(arn);
                assertThat(behind.headObject(r -> r.bucket("photos").key(key)).metadata())
                        .as(key)
                        .containsKey("sallyport");
            }
            assertThat(s3.getObjectAsBytes(r -> r.bucket("photos").key("foreign/plain text ü+%"))
                            .asString(StandardCharsets.UTF_8))
                    .isEqualTo("in the clear");
            assertThat(s3.headObject(r -> r.bucket("photos").key("foreign/plain text ü+%"))
                            .contentType())
                    .isEqualTo("text/plain");
            assertThat(s3.getObjectAsBytes(r -> r.bucket("photos").key("foreign/large"))
                            .asByteArray())
                    .isEqualTo(large);
            assertThat(s3.headObject(r -> r.bucket("photos").key("under")).eTag())
                    .isEqualTo(untouched);
            assertThat(directory.resolve("state")).doesNotExist();

            assertThat(run(gateway, arn)).isZero();
            assertThat(out.toString().lines().toList().getLast())
                    .isEqualTo("4 of 4 objects: 0 encrypted, 4 skipped, 0 failed");
        }
    }

    @Test
    void whatCannotBeEncryptedIsNamedAndARunGoesOnWhereItWas() throws Exception {
        try (S3Store store = new EmbeddedS3Store();
                GatewayFixture gateway = GatewayFixture.start(store, directory);
                S3Client s3 = gateway.s3(gateway.administrator());
                S3Client behind = gateway.behind();
                KmsClient kms = gateway.kms(gateway.administrator())) {
            String arn = kms.createKey(r -> {}).keyMetadata().arn();
            s3.createBucket(r -> r.bucket("photos"));
            behind.putObject(r -> r.bucket("photos").key("foreign"), RequestBody.fromString("in the clear"));
            s3.putObject(r -> r.bucket("photos").key("ours"), RequestBody.fromString("ours"));
            assertThat(run(gateway, arn)).isEqualTo(1);
            assertThat(out.toString()).contains("not encrypted: foreign: AccessDenied", "--mode mixed");
            assertThat(err.toString().lines()).hasSize(1);
            assertThat(s3.headObject(r -> r.bucket("photos").key("ours")).ssekmsKeyId())
                    .isEqualTo(arn);

            Path state = directory.resolve("state");
            Files.writeString(state, "{\"v\":1,\"run\":\"another\",\"after\":\"a\"}");
            assertThat(run(gateway, arn)).isEqualTo(1);
            assertThat(err.toString()).contains("another run");
            String run = String.join("\\n", gateway.endpoint().toString(), "photos", "", arn, "false");
            Files.writeString(state, "{\"v\":1,\"run\":\"" + run + "\",\"after\":\"foreign\"}");
            assertThat(run(gateway, arn)).as(err.toString()).isZero();
            assertThat(out.toString()).contains("1 of 1 objects: 0 encrypted, 1 skipped, 0 failed");
            assertThat(run(gateway, "alias/none")).isEqualTo(1);
            assertThat(err.toString().lines()).hasSize(1);
            assertThat(err.toString()).contains("alias/none");
            assertThat(run(gateway, arn, "--concurrency", "65")).isEqualTo(2);
        }
    }
}

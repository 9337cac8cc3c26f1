package dev.sallyport.gateway.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.gateway.testing.GatewayFixture;
import dev.sallyport.gateway.testing.S3Store;
import io.minio.GetObjectArgs;
import io.minio.MinioClient;
import io.minio.UploadObjectArgs;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.transfer.s3.S3TransferManager;

/** What each client does most: put and get, small and in parts, list, compare. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(300)
abstract class ClientsSuite {
    private static final int LARGE = 17_000_001;

    @TempDir
    static Path directory;

    private S3Store store;
    private GatewayFixture gateway;
    private Map<String, String> environment;
    private Path files;

    /** A store for this class alone. */
    abstract S3Store openStore();

    @BeforeAll
    void start() throws Exception {
        store = openStore();
        gateway = GatewayFixture.start(store, directory);
        environment = new HashMap<>();
        environment.put("AWS_ENDPOINT_URL", gateway.endpoint().toString());
        environment.put("AWS_REGION", "us-east-1");
        environment.put("AWS_DEFAULT_REGION", "us-east-1");
        environment.put("AWS_ACCESS_KEY_ID", gateway.administrator().accessKeyId());
        environment.put("AWS_SECRET_ACCESS_KEY", gateway.administrator().secretAccessKey());
        environment.put("AWS_EC2_METADATA_DISABLED", "true");
        files = Files.createDirectories(directory.resolve("files/sub"));
        byte[] large = new byte[LARGE];
        new Random(7).nextBytes(large);
        Files.write(files.resolve("large"), large);
        Files.writeString(files.resolve("small text"), "some words, in plain sight, to be looked for\n".repeat(50));
        Files.createFile(files.resolve("empty"));
        // Some stores show whole seconds: a file of the same second as its object would be newer, and synchronised
        // again.
        FileTime past = FileTime.from(Instant.now().minusSeconds(60));
        for (String name : new String[] {"large", "small text", "empty"}) {
            Files.setLastModifiedTime(files.resolve(name), past);
        }
        files = directory.resolve("files");
    }

    @AfterAll
    void stop() {
        if (gateway != null) {
            gateway.close();
        }
        if (store != null) {
            store.close();
        }
    }

    private String bucket(String name) {
        try (S3Client s3 = gateway.s3(gateway.administrator())) {
            s3.createBucket(request -> request.bucket(name));
        }
        return name;
    }

    /** The listing shows the sizes of the files, and the store has other bytes. */
    private void storedEncrypted(String bucket, String prefix) throws IOException {
        try (S3Client s3 = gateway.s3(gateway.administrator());
                S3Client behind = gateway.behind()) {
            ListObjectsV2Response listing =
                    s3.listObjectsV2(request -> request.bucket(bucket).prefix(prefix));
            for (String name : new String[] {"large", "small text", "empty"}) {
                Path file = files.resolve("sub").resolve(name);
                String key = prefix + "sub/" + name;
                assertThat(listing.contents())
                        .as(key)
                        .anyMatch(object -> object.key().equals(key)
                                && object.size() == file.toFile().length());
                byte[] stored = behind.getObjectAsBytes(
                                request -> request.bucket(bucket).key(key))
                        .asByteArrayUnsafe();
                String text = new String(stored, java.nio.charset.StandardCharsets.ISO_8859_1);
                assertThat(text).doesNotContain("some words, in plain sight");
                if (!name.equals("empty")) {
                    assertThat((long) stored.length).isGreaterThan(file.toFile().length());
                }
            }
        }
    }

    private void same(Path copy) throws IOException {
        for (String name : new String[] {"large", "small text", "empty"}) {
            assertThat(Files.mismatch(
                            files.resolve("sub").resolve(name),
                            copy.resolve("sub").resolve(name)))
                    .as(name)
                    .isEqualTo(-1);
        }
    }

    @Test
    void awsCli() throws Exception {
        // version 1 of the AWS CLI presigns by the old signature unless told
        Path configuration = directory.resolve("aws-config");
        Files.writeString(configuration, "[default]\ns3 =\n  signature_version = s3v4\n");
        Map<String, String> settings = new HashMap<>(environment);
        settings.put("AWS_CONFIG_FILE", configuration.toString());
        Program aws = new Program("aws", directory, settings);
        aws.run("s3", "mb", "s3://aws-cli");
        aws.run("s3", "sync", "files", "s3://aws-cli/dir");
        storedEncrypted("aws-cli", "dir/");
        aws.run("s3", "cp", "--recursive", "s3://aws-cli/dir", "aws-copy");
        same(directory.resolve("aws-copy"));
        assertThat(aws.run("s3", "sync", "files", "s3://aws-cli/dir")).doesNotContain("upload:");
        aws.run("s3", "cp", "s3://aws-cli/dir/sub/small text", "s3://aws-cli/copied");
        aws.run("s3", "cp", "s3://aws-cli/copied", "aws-copied");
        assertThat(Files.mismatch(files.resolve("sub/small text"), directory.resolve("aws-copied")))
                .isEqualTo(-1);
        // Above 8 MB the CLI copies in parts.
        byte[] parts = new byte[20 << 20];
        new Random(11).nextBytes(parts);
        Files.write(directory.resolve("aws-parts"), parts);
        aws.run("s3", "cp", "aws-parts", "s3://aws-cli/parts");
        aws.run("s3", "cp", "s3://aws-cli/parts", "s3://aws-cli/parts-copied");
        aws.run("s3", "cp", "s3://aws-cli/parts-copied", "aws-parts-copied");
        assertThat(Files.mismatch(directory.resolve("aws-parts"), directory.resolve("aws-parts-copied")))
                .isEqualTo(-1);
        assertThat(aws.run("s3api", "head-object", "--bucket", "aws-cli", "--key", "copied"))
                .contains("\"ServerSideEncryption\": \"aws:kms\"");
        String url = aws.run("s3", "presign", "s3://aws-cli/dir/sub/small text").strip();
        new Program("curl", directory, Map.of()).run("-fsS", "-o", "presigned", url);
        assertThat(Files.mismatch(files.resolve("sub/small text"), directory.resolve("presigned")))
                .isEqualTo(-1);
        aws.run("s3", "rm", "--recursive", "s3://aws-cli/");
        aws.run("s3", "rb", "s3://aws-cli");
        assertThat(aws.run("kms", "list-aliases")).contains("alias/aws/s3");
        assertThat(aws.run("sts", "get-caller-identity")).contains("user/administrator");
    }

    @Test
    void s3cmd() throws Exception {
        Path configuration = directory.resolve("s3cfg");
        String host = gateway.endpoint().getAuthority();
        Files.writeString(configuration, """
                        [default]
                        host_base = %s
                        host_bucket = %s
                        use_https = False
                        bucket_location = us-east-1
                        access_key = %s
                        secret_key = %s
                        """.formatted(
                        host,
                        host,
                        gateway.administrator().accessKeyId(),
                        gateway.administrator().secretAccessKey()));
        Program s3cmd = new Program("s3cmd", directory, Map.of());
        s3cmd.run("-c", "s3cfg", "mb", "s3://s3cmd");
        s3cmd.run("-c", "s3cfg", "--multipart-chunk-size-mb=5", "--no-check-md5", "sync", "files/", "s3://s3cmd/dir/");
        storedEncrypted("s3cmd", "dir/");
        Files.createDirectories(directory.resolve("s3cmd-copy"));
        s3cmd.run("-c", "s3cfg", "--no-check-md5", "sync", "s3://s3cmd/dir/", "s3cmd-copy/");
        same(directory.resolve("s3cmd-copy"));
        assertThat(s3cmd.run("-c", "s3cfg", "--no-check-md5", "sync", "files/", "s3://s3cmd/dir/"))
                .doesNotContain("upload:");
        s3cmd.run("-c", "s3cfg", "rm", "--recursive", "--force", "s3://s3cmd/dir/");
    }

    @Test
    void rcloneToldOfTheKms() throws Exception {
        rclone("rclone-kms", Map.of("RCLONE_CONFIG_SP_SERVER_SIDE_ENCRYPTION", "aws:kms"));
    }

    @Test
    void rcloneNotToldOfTheKms() throws Exception {
        rclone("rclone-plain", Map.of());
    }

    private void rclone(String bucket, Map<String, String> more) throws Exception {
        Map<String, String> settings = new HashMap<>(environment);
        settings.put("RCLONE_CONFIG_SP_TYPE", "s3");
        settings.put("RCLONE_CONFIG_SP_PROVIDER", "Other");
        settings.put("RCLONE_CONFIG_SP_ENV_AUTH", "true");
        settings.put("RCLONE_CONFIG_SP_REGION", "us-east-1");
        settings.put("RCLONE_CONFIG_SP_ENDPOINT", gateway.endpoint().toString());
        settings.put("RCLONE_S3_UPLOAD_CUTOFF", "6M");
        settings.putAll(more);
        Program rclone = new Program("rclone", directory, settings);
        rclone.run("mkdir", "sp:" + bucket);
        rclone.run("sync", "files", "sp:" + bucket + "/dir");
        storedEncrypted(bucket, "dir/");
        rclone.run("check", "--download", "files", "sp:" + bucket + "/dir");
        rclone.run("copy", "sp:" + bucket + "/dir", bucket + "-copy");
        same(directory.resolve(bucket + "-copy"));
        rclone.run("moveto", "sp:" + bucket + "/dir/sub/small text", "sp:" + bucket + "/dir/moved");
        assertThat(rclone.run("lsf", "-R", "sp:" + bucket))
                .contains("dir/moved")
                .doesNotContain("small text");
        rclone.run("purge", "sp:" + bucket);
    }

    @Test
    void restic() throws Exception {
        bucket("restic");
        Map<String, String> settings = new HashMap<>(environment);
        settings.put("RESTIC_REPOSITORY", "s3:" + gateway.endpoint() + "/restic/repository");
        settings.put("RESTIC_PASSWORD", "of this test");
        Program restic = new Program("restic", directory, settings);
        restic.run("init");
        restic.run("backup", "files");
        restic.run("check", "--read-data");
        restic.run("restore", "latest", "--target", "restored");
        same(directory.resolve("restored/files"));
        restic.run("forget", "--keep-last", "1", "--prune");
    }

    @Test
    void minioSdk() throws Exception {
        bucket("minio-sdk");
        try (MinioClient client = MinioClient.builder()
                .endpoint(gateway.endpoint().toString())
                .region("us-east-1")
                .credentials(
                        gateway.administrator().accessKeyId(),
                        gateway.administrator().secretAccessKey())
                .build()) {
            for (String name : new String[] {"large", "small text", "empty"}) {
                client.uploadObject(UploadObjectArgs.builder()
                        .bucket("minio-sdk")
                        .object("dir/sub/" + name)
                        .filename(files.resolve("sub").resolve(name).toString(), 5L << 20)
                        .build());
            }
            storedEncrypted("minio-sdk", "dir/");
            try (InputStream body = client.getObject(GetObjectArgs.builder()
                    .bucket("minio-sdk")
                    .object("dir/sub/large")
                    .build())) {
                assertThat(body.readAllBytes()).isEqualTo(Files.readAllBytes(files.resolve("sub/large")));
            }
        }
    }

    @Test
    void transferManagerOverTheAsynchronousClient() throws Exception {
        bucket("transfer");
        try (S3AsyncClient client = S3AsyncClient.builder()
                        .endpointOverride(gateway.endpoint())
                        .region(Region.US_EAST_1)
                        .forcePathStyle(true)
                        .multipartEnabled(true)
                        .credentialsProvider(StaticCredentialsProvider.create(gateway.administrator()))
                        .build();
                S3TransferManager manager =
                        S3TransferManager.builder().s3Client(client).build()) {
            assertThat(manager.uploadDirectory(request ->
                                    request.bucket("transfer").s3Prefix("dir").source(files))
                            .completionFuture()
                            .join()
                            .failedTransfers())
                    .isEmpty();
            storedEncrypted("transfer", "dir/");
            Path copy = directory.resolve("transfer-copy");
            assertThat(manager.downloadDirectory(request -> request.bucket("transfer")
                                    .listObjectsV2RequestTransformer(list -> list.prefix("dir/"))
                                    .destination(copy))
                            .completionFuture()
                            .join()
                            .failedTransfers())
                    .isEmpty();
            Path root = Files.exists(copy.resolve("dir")) ? copy.resolve("dir") : copy;
            same(root);
        }
    }
}

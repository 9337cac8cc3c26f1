package dev.sallyport.gateway.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** The stores that other tests build on hold what they are given, for their own credentials only. */
class StoresIT {
    @Test
    void embeddedStoreKeepsAnObject() throws IOException {
        try (S3Store store = new EmbeddedS3Store()) {
            keepsAnObject(store);
            Path file = store.directory().orElseThrow().resolve("bucket").resolve("folder/object");
            assertThat(file).hasContent("bytes");
        }
    }

    @Test
    void minioKeepsAnObject() {
        try (S3Store store = MinioStore.openOrSkip()) {
            keepsAnObject(store);
        }
    }

    @Test
    void closingRemovesTheData() throws IOException {
        Path directory;
        try (S3Store store = new EmbeddedS3Store()) {
            keepsAnObject(store);
            directory = store.directory().orElseThrow();
            try (Stream<Path> files = Files.list(directory)) {
                assertThat(files).isNotEmpty();
            }
        }
        assertThat(directory).doesNotExist();
    }

    private static void keepsAnObject(S3Store store) {
        try (S3Client client = client(store, store.secretKey());
                S3Client stranger = client(store, "not the secret")) {
            client.createBucket(request -> request.bucket("bucket"));
            client.putObject(request -> request.bucket("bucket").key("folder/object"), RequestBody.fromString("bytes"));
            String read = client.getObjectAsBytes(
                            request -> request.bucket("bucket").key("folder/object"))
                    .asString(StandardCharsets.UTF_8);
            assertThat(read).isEqualTo("bytes");
            assertThatThrownBy(stranger::listBuckets).isInstanceOf(S3Exception.class);
        }
    }

    private static S3Client client(S3Store store, String secret) {
        return S3Client.builder()
                .endpointOverride(store.endpoint())
                .region(Region.of(store.region()))
                .forcePathStyle(true)
                .credentialsProvider(
                        StaticCredentialsProvider.create(AwsBasicCredentials.create(store.accessKey(), secret)))
                .build();
    }
}

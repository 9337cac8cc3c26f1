package dev.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.gateway.testing.EmbeddedS3Store;
import dev.sallyport.gateway.testing.GatewayFixture;
import dev.sallyport.gateway.testing.MinioStore;
import dev.sallyport.gateway.testing.S3Store;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Keys that file systems have a meaning for: a store that takes them for others never gets them. */
@Timeout(120)
class StoreKeysIT {
    private static final String BUCKET = "keys";

    @TempDir
    Path directory;

    @Test
    void overTheEmbeddedStore() throws Exception {
        try (EmbeddedS3Store store = new EmbeddedS3Store()) {
            check(store);
        }
    }

    @Test
    void overMinio() throws Exception {
        try (MinioStore store = MinioStore.openOrSkip()) {
            check(store);
        }
    }

    private void check(S3Store store) throws Exception {
        try (GatewayFixture gateway = GatewayFixture.start(store, directory);
                S3Client s3 = gateway.s3(gateway.administrator())) {
            s3.createBucket(r -> r.bucket(BUCKET));
            put(s3, "a/b", "kept");
            for (String other : List.of("a//b", "/a/b", "a/./b", "./a/b", "x/../a/b")) {
                if (putOrRefused(s3, other, "other")) {
                    assertThat(get(s3, other)).isEqualTo("other");
                    s3.deleteObject(r -> r.bucket(BUCKET).key(other));
                } else {
                    // whatever the answers are, nothing may come of them
                    refused(() -> s3.deleteObject(r -> r.bucket(BUCKET).key(other)));
                    refused(() -> s3.copyObject(r -> r.sourceBucket(BUCKET)
                            .sourceKey("a/b")
                            .destinationBucket(BUCKET)
                            .destinationKey(other)));
                    refused(() -> s3.createMultipartUpload(r -> r.bucket(BUCKET).key(other)));
                }
                s3.deleteObjects(r -> r.bucket(BUCKET)
                        .delete(d ->
                                d.objects(ObjectIdentifier.builder().key(other).build())));
                assertThat(get(s3, "a/b")).as(other).isEqualTo("kept");
            }
            put(s3, "c", "kept");
            try {
                s3.deleteObject(r -> r.bucket(BUCKET).key("c/"));
            } catch (S3Exception e) {
                assertThat(e.statusCode()).isEqualTo(400);
            }
            s3.deleteObjects(r -> r.bucket(BUCKET)
                    .delete(d -> d.objects(ObjectIdentifier.builder().key("c/").build())));
            assertThat(get(s3, "c")).isEqualTo("kept");
            for (String body : List.of("body", "")) {
                if (putOrRefused(s3, "folder/", body)) {
                    assertThat(get(s3, "folder/")).isEqualTo(body);
                } else {
                    assertThat(store).isInstanceOf(EmbeddedS3Store.class);
                    assertThatThrownBy(() -> get(s3, "folder/")).isInstanceOf(NoSuchKeyException.class);
                }
            }
        }
    }

    private static void put(S3Client s3, String key, String body) {
        s3.putObject(r -> r.bucket(BUCKET).key(key), RequestBody.fromString(body));
    }

    private static String get(S3Client s3, String key) {
        return s3.getObjectAsBytes(r -> r.bucket(BUCKET).key(key)).asString(StandardCharsets.UTF_8);
    }

    private static boolean putOrRefused(S3Client s3, String key, String body) {
        try {
            put(s3, key, body);
            return true;
        } catch (S3Exception e) {
            assertThat(e.statusCode()).as(key).isEqualTo(400);
            return false;
        }
    }

    private static void refused(Runnable request) {
        try {
            request.run();
        } catch (S3Exception e) {
            assertThat(e.statusCode()).isBetween(400, 404);
        }
    }
}

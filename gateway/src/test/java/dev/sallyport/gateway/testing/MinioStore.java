package dev.sallyport.gateway.testing;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/**
 * A real MinIO: by Testcontainers where a Docker engine answers and has the image, else the {@code minio} program.
 *
 * <p>The image is the one that {@code SALLYPORT_MINIO_IMAGE} names; no image of MinIO can be pulled any more. The
 * program is the one that {@code SALLYPORT_MINIO} names, or {@code minio} on the PATH.
 */
public abstract sealed class MinioStore implements S3Store permits MinioContainerStore, MinioProcessStore {
    private static final String ABSENT = """
            ################################################################################
            NO MINIO: tests against a real MinIO are skipped. Set SALLYPORT_MINIO to a minio
            program, or put one on the PATH:
              CGO_ENABLED=0 go install github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c
            ################################################################################""";

    private final String accessKey = TestFiles.randomName("access");
    private final String secretKey = TestFiles.randomName("secret");

    MinioStore() {}

    /**
     * A MinIO of one's own. Without one the calling test is skipped, loudly; with {@code SALLYPORT_REQUIRE_MINIO=true}
     * in the environment it fails.
     */
    public static MinioStore openOrSkip() {
        Optional<MinioStore> store = open();
        if (store.isEmpty()) {
            System.err.println(ABSENT);
            if (Boolean.parseBoolean(System.getenv("SALLYPORT_REQUIRE_MINIO"))) {
                throw new AssertionError("SALLYPORT_REQUIRE_MINIO is set and no MinIO can be had");
            }
            Assumptions.abort("no MinIO can be had");
        }
        return store.orElseThrow();
    }

    /** A MinIO of one's own, or nothing where none can be had. */
    public static Optional<MinioStore> open() {
        Optional<MinioStore> container = MinioContainerStore.find().map(store -> store);
        return container.isPresent() ? container : MinioProcessStore.find().map(store -> store);
    }

    @Override
    public String name() {
        return "minio";
    }

    @Override
    public abstract URI endpoint();

    @Override
    public final String accessKey() {
        return accessKey;
    }

    @Override
    public final String secretKey() {
        return secretKey;
    }

    @Override
    public final String region() {
        return "us-east-1";
    }

    @Override
    public Optional<Path> directory() {
        return Optional.empty();
    }
}

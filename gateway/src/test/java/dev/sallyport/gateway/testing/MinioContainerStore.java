package dev.sallyport.gateway.testing;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.MinIOContainer;
import org.testcontainers.utility.DockerImageName;

/** MinIO in a container. */
final class MinioContainerStore extends MinioStore {
    private static final Path SOCKET = Path.of("/var/run/docker.sock");

    private final MinIOContainer container;

    private MinioContainerStore(String image) {
        container = new MinIOContainer(DockerImageName.parse(image).asCompatibleSubstituteFor("minio/minio"));
        container.withUserName(accessKey()).withPassword(secretKey());
        container.start();
    }

    static Optional<MinioContainerStore> find() {
        String image = System.getenv("SALLYPORT_MINIO_IMAGE");
        boolean engine = System.getenv("DOCKER_HOST") != null || Files.exists(SOCKET);
        if (image == null
                || image.isEmpty()
                || !engine
                || !DockerClientFactory.instance().isDockerAvailable()) {
            return Optional.empty();
        }
        return Optional.of(new MinioContainerStore(image));
    }

    @Override
    public URI endpoint() {
        return URI.create(container.getS3URL());
    }

    @Override
    public void close() {
        container.stop();
    }
}

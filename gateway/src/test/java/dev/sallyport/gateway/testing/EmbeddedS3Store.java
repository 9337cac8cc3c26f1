package dev.sallyport.gateway.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;

/** S3Proxy over a temporary directory, in this process: the store that can always be had. */
public final class EmbeddedS3Store implements S3Store {
    private final Path directory;
    private final String accessKey = TestFiles.randomName("access");
    private final String secretKey = TestFiles.randomName("secret");
    private final S3Proxy server;

    /** Starts one on a free port. */
    public EmbeddedS3Store() {
        this(0);
    }

    /** Starts one on {@code port}, or on a free one for 0. */
    public EmbeddedS3Store(int port) {
        try {
            directory = Files.createTempDirectory("sallyport-store");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server = S3Proxy.builder()
                .blobStore(new FilesystemNio2BlobStore(directory.toString()))
                .endpoint(URI.create("http://127.0.0.1:" + port))
                .awsAuthentication(AuthenticationType.AWS_V4, accessKey, secretKey)
                .ignoreUnknownHeaders(false)
                .build();
        try {
            server.start();
        } catch (Exception e) {
            throw new IllegalStateException("The embedded store did not start", e);
        }
    }

    @Override
    public String name() {
        return "embedded";
    }

    @Override
    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getPort());
    }

    @Override
    public String accessKey() {
        return accessKey;
    }

    @Override
    public String secretKey() {
        return secretKey;
    }

    @Override
    public String region() {
        return "us-east-1";
    }

    @Override
    public Optional<Path> directory() {
        return Optional.of(directory);
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("The embedded store did not stop", e);
        } finally {
            TestFiles.deleteTree(directory);
        }
    }
}

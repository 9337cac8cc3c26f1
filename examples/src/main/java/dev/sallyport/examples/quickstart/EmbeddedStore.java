package dev.sallyport.examples.quickstart;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;

/** S3Proxy over a directory, in this process, for a machine that has no store. The gateway speaks S3 to it. */
final class EmbeddedStore implements Store {
    private final String accessKey = Secrets.randomName();
    private final String secretKey = Secrets.randomName();
    private final Path directory;
    private final S3Proxy server;

    /** Starts it on a free loopback port, its objects under {@code directory}. */
    EmbeddedStore(Path directory) throws IOException {
        this.directory = Files.createDirectories(directory);
        server = S3Proxy.builder()
                .blobStore(new FilesystemNio2BlobStore(directory.toString()))
                .endpoint(URI.create("http://127.0.0.1:0"))
                .awsAuthentication(AuthenticationType.AWS_V4, accessKey, secretKey)
                .build();
        try {
            server.start();
        } catch (Exception e) {
            throw new QuickstartException("the embedded store did not start: " + e.getMessage());
        }
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
    public String description() {
        return "the embedded store (S3Proxy, files under " + directory + ")";
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new QuickstartException("the embedded store did not stop: " + e.getMessage());
        }
    }
}

package dev.sallyport.gateway.testing;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/** A running S3 store with credentials of its own, empty at start, gone when closed. */
public interface S3Store extends AutoCloseable {
    /** What to call it in a test's name: {@code embedded} or {@code minio}. */
    String name();

    /** Its address, on loopback, path-style. */
    URI endpoint();

    /** The access key id that may do everything in it. */
    String accessKey();

    /** The secret of {@link #accessKey()}. */
    String secretKey();

    /** The region to sign for. */
    String region();

    /** The directory that holds its bytes, where this process can read it. */
    Optional<Path> directory();

    /** Stops it and removes its data. */
    @Override
    void close();
}

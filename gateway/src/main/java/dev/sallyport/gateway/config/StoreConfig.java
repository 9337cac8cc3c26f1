package dev.sallyport.gateway.config;

import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The S3 store behind the gateway.
 *
 * @param url scheme, host and port
 * @param region that requests to it are signed for
 * @param ca PEM file of the authorities that its certificate may come from; null for the JDK's
 * @param pathStyle whether the bucket goes into the path; else into the host name
 * @param accessKeyFile file whose only line is the access key id; null for {@code SALLYPORT_STORE_ACCESS_KEY}
 * @param secretKeyFile file whose only line is the secret key; null for {@code SALLYPORT_STORE_SECRET_KEY}
 */
public record StoreConfig(
        URI url,
        String region,
        @Nullable Path ca,
        boolean pathStyle,
        @Nullable Path accessKeyFile,
        @Nullable Path secretKeyFile) {
    public StoreConfig {
        if ((accessKeyFile == null) != (secretKeyFile == null)) {
            throw new IllegalArgumentException("name accessKeyFile and secretKeyFile, or neither");
        }
    }
}

package dev.sallyport.gateway.backend;

import dev.sallyport.kms.crypto.SecretBytes;
import io.minio.BucketExistsArgs;
import io.minio.MakeBucketArgs;
import io.minio.MinioClient;
import io.minio.errors.MinioException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import okhttp3.Dns;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/**
 * The store's control plane, by MinIO's SDK: the buckets that the gateway needs for itself. No object's byte passes here.
 * All methods block.
 */
public final class StoreControl implements AutoCloseable {
    private final MinioClient client;
    private final String region;

    /**
     * @param secret copied; stays the caller's to close
     * @param ca PEM file of the authorities that the store's certificate may come from; null for the JDK's
     * @throws IOException when {@code ca} cannot be read
     */
    public StoreControl(StoreEndpoint endpoint, String accessKeyId, SecretBytes secret, @Nullable Path ca)
            throws IOException {
        OkHttpClient.Builder http = new OkHttpClient.Builder()
                .connectTimeout(endpoint.connectTimeout())
                .readTimeout(endpoint.stallTimeout())
                .writeTimeout(endpoint.stallTimeout());
        if (!endpoint.pathStyle()) {
            // As on the data path: BUCKET.HOST is a name for the store to tell buckets by, and need not be in the DNS.
            http.dns(name -> Dns.SYSTEM.lookup(endpoint.url().getHost()));
        }
        if (ca != null) {
            Authorities.trust(http, ca);
        }
        region = endpoint.region();
        byte[] bytes = secret.exposeCopy();
        try {
            client = MinioClient.builder()
                    .endpoint(endpoint.url().toString())
                    .region(region)
                    .credentials(accessKeyId, new String(bytes, StandardCharsets.UTF_8))
                    .httpClient(http.build(), true)
                    .build();
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
        if (!endpoint.pathStyle()) {
            client.enableVirtualStyleEndpoint();
        }
    }

    /**
     * Makes a bucket unless it is there.
     *
     * @throws BackendUnavailableException when it is not there afterwards
     */
    public void ensureBucket(String bucket) {
        try {
            if (!exists(bucket)) {
                client.makeBucket(
                        MakeBucketArgs.builder().bucket(bucket).region(region).build());
            }
        } catch (MinioException e) {
            if (!madeByAnother(bucket)) {
                throw unavailable(bucket);
            }
        } catch (IllegalStateException e) {
            throw unreachable();
        }
    }

    private boolean exists(String bucket) throws MinioException {
        return client.bucketExists(
                BucketExistsArgs.builder().bucket(bucket).region(region).build());
    }

    /** The SDK wraps what an unreachable store throws into an IllegalStateException. */
    private static BackendUnavailableException unreachable() {
        return new BackendUnavailableException("the store cannot be reached");
    }

    private boolean madeByAnother(String bucket) {
        try {
            return exists(bucket);
        } catch (MinioException e) {
            return false;
        } catch (IllegalStateException e) {
            throw unreachable();
        }
    }

    /** Without the SDK's own text, which may hold a request with its signature. */
    private static BackendUnavailableException unavailable(String bucket) {
        return new BackendUnavailableException("the store has no bucket " + bucket + ", and makes none");
    }

    @Override
    public void close() {
        try {
            client.close();
        } catch (Exception e) {
            throw new IllegalStateException("the control plane's client does not close", e);
        }
    }
}

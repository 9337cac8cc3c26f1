package dev.sallyport.gateway.backend;

import dev.sallyport.kms.crypto.SecretBytes;
import io.minio.BucketExistsArgs;
import io.minio.MakeBucketArgs;
import io.minio.MinioClient;
import io.minio.errors.MinioException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Arrays;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
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
        if (ca != null) {
            trust(http, ca);
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

    private static void trust(OkHttpClient.Builder http, Path ca) throws IOException {
        try (InputStream pem = Files.newInputStream(ca)) {
            KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
            anchors.load(null, null);
            int number = 0;
            for (Certificate authority : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                anchors.setCertificateEntry("authority-" + number++, authority);
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(anchors);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, factory.getTrustManagers(), null);
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509TrustManager x509) {
                    http.sslSocketFactory(context.getSocketFactory(), x509);
                }
            }
        } catch (GeneralSecurityException e) {
            throw new IOException("no certificates in " + ca, e);
        }
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

package dev.sallyport.gateway.reencrypt;

import dev.sallyport.gateway.backend.Authorities;
import io.minio.CopyObjectArgs;
import io.minio.ListObjectsArgs;
import io.minio.MinioClient;
import io.minio.Result;
import io.minio.SourceObject;
import io.minio.StatObjectArgs;
import io.minio.errors.ErrorResponseException;
import io.minio.errors.MinioException;
import io.minio.messages.Item;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import okhttp3.Headers;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;

/** The few requests of a run, to a gateway, with a principal's credentials. Safe for several threads. */
public final class EncryptClient implements AutoCloseable {
    private static final String SSE = "x-amz-server-side-encryption";
    private static final Duration PATIENCE = Duration.ofMinutes(30);

    private final URI endpoint;
    private final String region;
    private final AwsBasicCredentials credentials;
    private final @Nullable Path ca;
    private final MinioClient s3;

    /** What a HEAD says of an object. */
    record Found(@Nullable String keyArn, @Nullable String context) {}

    /** A request that failed, with one line for the operator. */
    static final class RequestFailedException extends Exception {
        private static final long serialVersionUID = 1L;

        private final String code;

        RequestFailedException(String code, String message) {
            super(message, null, false, false);
            this.code = code;
        }

        String code() {
            return code;
        }
    }

    /**
     * @param endpoint of the gateway
     * @param ca PEM file of authorities that the gateway's certificate may come from; null for the JDK's
     * @throws IOException when {@code ca} cannot be read
     */
    public EncryptClient(URI endpoint, String region, String accessKeyId, String secretKey, @Nullable Path ca)
            throws IOException {
        this.endpoint = endpoint;
        this.region = region;
        this.credentials = AwsBasicCredentials.create(accessKeyId, secretKey);
        this.ca = ca;
        OkHttpClient.Builder http = new OkHttpClient.Builder()
                .connectTimeout(Duration.ofSeconds(10))
                // a copy of a foreign object streams before its answer begins
                .readTimeout(PATIENCE)
                .writeTimeout(Duration.ofMinutes(1));
        if (ca != null) {
            Authorities.trust(http, ca);
        }
        s3 = MinioClient.builder()
                .endpoint(endpoint.toString())
                .region(region)
                .credentials(accessKeyId, secretKey)
                .httpClient(http.build(), true)
                .build();
    }

    /**
     * The ARN of a KMS key.
     *
     * @param key id, ARN or alias
     * @throws IOException with one line when the KMS refuses, or cannot be reached
     */
    public String keyArn(String key) throws IOException {
        UrlConnectionHttpClient.Builder http = UrlConnectionHttpClient.builder();
        Path authorities = ca;
        if (authorities != null) {
            var managers = Authorities.read(authorities).getTrustManagers();
            http.tlsTrustManagersProvider(() -> managers);
        }
        try (KmsClient kms = KmsClient.builder()
                .endpointOverride(endpoint)
                .region(Region.of(region))
                .credentialsProvider(StaticCredentialsProvider.create(credentials))
                .httpClientBuilder(http)
                .build()) {
            return kms.describeKey(request -> request.keyId(key)).keyMetadata().arn();
        } catch (SdkException e) {
            throw new IOException("the KMS does not describe the key " + key + ": " + firstLine(e.getMessage()), e);
        }
    }

    /** The keys from {@code after} on, in order; read as they are asked for. */
    Iterator<Result<Item>> keys(EncryptSettings settings, @Nullable String after) {
        ListObjectsArgs.Builder list = ListObjectsArgs.builder()
                .bucket(settings.bucket())
                .prefix(settings.prefix())
                .recursive(true)
                .maxKeys(1000);
        if (after != null) {
            list.startAfter(after);
        }
        return s3.listObjects(list.build()).iterator();
    }

    /** The key of one entry. */
    static String keyOf(Result<Item> entry) throws IOException {
        try {
            return entry.get().objectName();
        } catch (MinioException | IllegalStateException e) {
            throw new IOException("the bucket cannot be listed: " + failure(e).getMessage(), e);
        }
    }

    Found head(String bucket, String key) throws RequestFailedException {
        try {
            Headers headers = s3.statObject(
                            StatObjectArgs.builder().bucket(bucket).object(key).build())
                    .headers();
            boolean kms = "aws:kms".equals(headers.get(SSE));
            return new Found(
                    kms ? headers.get(SSE + "-aws-kms-key-id") : null, kms ? headers.get(SSE + "-context") : null);
        } catch (MinioException | IllegalArgumentException | IllegalStateException e) {
            throw failure(e);
        }
    }

    /** Copies an object onto itself; the SDK looks at it once more, and binds the copy to the ETag that it sees then. */
    void encrypt(EncryptSettings settings, String key, Found found) throws RequestFailedException {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put(SSE, "aws:kms");
        headers.put(SSE + "-aws-kms-key-id", settings.keyArn());
        headers.put(SSE + "-bucket-key-enabled", Boolean.toString(settings.bucketKey()));
        if (found.context() != null) {
            headers.put(SSE + "-context", found.context());
        }
        try {
            s3.copyObject(CopyObjectArgs.builder()
                    .bucket(settings.bucket())
                    .object(key)
                    .source(SourceObject.builder()
                            .bucket(settings.bucket())
                            .object(key)
                            .build())
                    .extraHeaders(headers)
                    .build());
        } catch (MinioException | IllegalArgumentException | IllegalStateException e) {
            throw failure(e);
        }
    }

    /**
     * Without requests or signatures, which the SDK's own texts may hold. It wraps what an unreachable server throws into an
     * IllegalStateException.
     */
    private static RequestFailedException failure(Exception e) {
        if (e instanceof ErrorResponseException refused) {
            String code = String.valueOf(refused.errorResponse().code());
            return new RequestFailedException(
                    code, code + ": " + firstLine(refused.errorResponse().message()));
        }
        if (e instanceof IllegalArgumentException) {
            return new RequestFailedException("InvalidArgument", firstLine(e.getMessage()));
        }
        return new RequestFailedException("", "the gateway does not answer");
    }

    private static String firstLine(@Nullable String text) {
        return text == null ? "" : text.lines().findFirst().orElse("");
    }

    @Override
    public void close() {
        try {
            s3.close();
        } catch (Exception e) {
            throw new IllegalStateException("the client does not close", e);
        }
    }
}

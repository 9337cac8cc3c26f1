package dev.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sallyport.gateway.config.ConfigReader;
import dev.sallyport.gateway.config.GatewayConfig;
import dev.sallyport.gateway.config.StoreCredentials;
import dev.sallyport.gateway.testing.EmbeddedS3Store;
import dev.sallyport.kms.principal.Account;
import dev.sallyport.kms.principal.NewAccessKey;
import dev.sallyport.kms.principal.PrincipalAdmin;
import dev.sallyport.kms.seal.SealException;
import dev.sallyport.kms.seal.SealSecret;
import dev.sallyport.kms.store.DigestWitness;
import dev.sallyport.kms.store.SqliteKeyStore;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.KmsException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;
import software.amazon.awssdk.services.sts.StsClient;

/** The gateway as a whole: its parts joined, started, stopped, and refusing to start. */
@Timeout(120)
class GatewayIT {
    private static final String PASSPHRASE = "correct horse battery staple";

    @TempDir
    static Path directory;

    private static EmbeddedS3Store store;
    private static StaticCredentialsProvider alice;
    private static Gateway gateway;

    @BeforeAll
    static void start() throws Exception {
        store = new EmbeddedS3Store();
        try (SealSecret secret = secret()) {
            SqliteKeyStore.create(directory.resolve("keys"), secret);
            try (SqliteKeyStore keys = SqliteKeyStore.open(directory.resolve("keys"), secret, DigestWitness.NONE)) {
                PrincipalAdmin admin = new PrincipalAdmin(keys, Account.of(keys), Clock.systemUTC());
                try (NewAccessKey key = admin.add("alice", Map.of(), true)) {
                    alice = StaticCredentialsProvider.create(AwsBasicCredentials.create(
                            key.id(), key.secret().use(bytes -> new String(bytes, StandardCharsets.US_ASCII))));
                }
            }
        }
        gateway = Gateway.start(config("keys", "127.0.0.1:0", store.endpoint()), environment(), Clock.systemUTC());
    }

    @AfterAll
    static void stop() {
        gateway.close();
        store.close();
    }

    private static SealSecret secret() {
        return SealSecret.passphrase(PASSPHRASE.getBytes(StandardCharsets.US_ASCII));
    }

    private static Map<String, String> environment() {
        return Map.of(
                StoreCredentials.ACCESS_KEY,
                store.accessKey(),
                StoreCredentials.SECRET_KEY,
                store.secretKey(),
                "SALLYPORT_PASSPHRASE",
                PASSPHRASE);
    }

    private static GatewayConfig config(String keys, String listen, URI url) throws Exception {
        return ConfigReader.parse("""
                version: v1
                listen: %s
                admin: 127.0.0.1:0
                drain: 5s
                store: {url: "%s"}
                keyStore: {directory: %s}
                """.formatted(listen, url, keys), directory);
    }

    private static S3Client s3() {
        return S3Client.builder()
                .endpointOverride(gateway.endpoint())
                .forcePathStyle(true)
                .region(Region.US_EAST_1)
                .credentialsProvider(alice)
                .build();
    }

    private static KmsClient kms(Region region) {
        return KmsClient.builder()
                .endpointOverride(gateway.endpoint())
                .region(region)
                .credentialsProvider(alice)
                .build();
    }

    private static HttpResponse<String> get(URI uri) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    @Test
    void storesAndReadsObjectsEncryptedUnderAKeyOfItsOwn() {
        byte[] large = new byte[3_000_001];
        new Random(1).nextBytes(large);
        try (S3Client s3 = s3();
                KmsClient kms = kms(Region.US_EAST_1)) {
            String arn = kms.createKey(r -> {}).keyMetadata().arn();
            s3.createBucket(r -> r.bucket("first"));
            for (byte[] body : new byte[][] {new byte[0], "hello".getBytes(StandardCharsets.US_ASCII), large}) {
                s3.putObject(
                        r -> r.bucket("first")
                                .key("dir/k")
                                .serverSideEncryption(ServerSideEncryption.AWS_KMS)
                                .ssekmsKeyId(arn),
                        RequestBody.fromBytes(body));
                ResponseBytes<GetObjectResponse> got =
                        s3.getObjectAsBytes(r -> r.bucket("first").key("dir/k"));
                assertThat(got.asByteArray()).isEqualTo(body);
                assertThat(got.response().ssekmsKeyId()).isEqualTo(arn);
                assertThat(s3.headObject(r -> r.bucket("first").key("dir/k")).contentLength())
                        .isEqualTo(body.length);
            }
            assertThat(s3.listObjectsV2(r -> r.bucket("first")).contents())
                    .singleElement()
                    .satisfies(object -> assertThat(object.size()).isEqualTo(large.length));
        }
    }

    @Test
    void servesKmsAndStsOnTheSameListener() {
        try (KmsClient kms = kms(Region.US_EAST_1);
                StsClient sts = StsClient.builder()
                        .endpointOverride(gateway.endpoint())
                        .region(Region.US_EAST_1)
                        .credentialsProvider(alice)
                        .build()) {
            String id = kms.createKey(r -> r.description("mine")).keyMetadata().keyId();
            assertThat(kms.describeKey(r -> r.keyId(id)).keyMetadata().description())
                    .isEqualTo("mine");
            assertThat(sts.getCallerIdentity().arn()).endsWith(":user/alice");
        }
    }

    @Test
    void refusesInTheFormOfTheServiceThatIsMeant() throws Exception {
        HttpResponse<String> anonymous = get(gateway.endpoint().resolve("/"));
        assertThat(anonymous.statusCode()).isEqualTo(403);
        assertThat(anonymous.body()).contains("<Code>AccessDenied</Code>");
        assertThat(anonymous.headers().firstValue("x-amz-request-id")).isPresent();
        try (KmsClient abroad = kms(Region.US_WEST_2)) {
            assertThatThrownBy(abroad::listKeys)
                    .isInstanceOfSatisfying(
                            KmsException.class,
                            e -> assertThat(e.awsErrorDetails().errorCode()).isEqualTo("InvalidSignatureException"));
        }
        try (S3Client stranger = S3Client.builder()
                .endpointOverride(gateway.endpoint())
                .forcePathStyle(true)
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create("AKIAUNKNOWNUNKNOWN00", "not the secret")))
                .build()) {
            assertThatThrownBy(stranger::listBuckets)
                    .isInstanceOfSatisfying(
                            S3Exception.class,
                            e -> assertThat(e.awsErrorDetails().errorCode()).isEqualTo("InvalidAccessKeyId"));
        }
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (Map.Entry<String, Integer> method :
                    Map.of("OPTIONS", 403, "TRACE", 405, "PATCH", 405).entrySet()) {
                HttpResponse<String> answer = client.send(
                        HttpRequest.newBuilder(gateway.endpoint().resolve("/b/k"))
                                .method(method.getKey(), HttpRequest.BodyPublishers.noBody())
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                assertThat(answer.statusCode()).as(method.getKey()).isEqualTo(method.getValue());
            }
        }
    }

    @Test
    void tellsHealthAndMetricsOnThePortOfItsOwn() throws Exception {
        get(gateway.endpoint().resolve("/"));
        assertThat(get(gateway.adminEndpoint().resolve("/livez")).statusCode()).isEqualTo(200);
        assertThat(get(gateway.adminEndpoint().resolve("/readyz")).statusCode()).isEqualTo(200);
        assertThat(get(gateway.adminEndpoint().resolve("/metrics")).body())
                .contains("sallyport_requests_seconds_count")
                .contains("sallyport_authentication_failures_total{code=\"AccessDenied\",service=\"s3\"}")
                .contains("jvm_memory_used_bytes");
        assertThat(get(gateway.adminEndpoint().resolve("/other")).statusCode()).isEqualTo(404);
    }

    @Test
    void showsItsKeyCaches() throws Exception {
        String hit = "sallyport_key_cache_requests_total{cache=\"bucket-keys\",result=\"hit\"}";
        double before = meter(hit);
        try (S3Client s3 = s3()) {
            s3.createBucket(r -> r.bucket("cached"));
            for (int i = 0; i < 5; i++) {
                s3.putObject(
                        r -> r.bucket("cached")
                                .key("k")
                                .serverSideEncryption(ServerSideEncryption.AWS_KMS)
                                .bucketKeyEnabled(true),
                        RequestBody.fromString("x"));
            }
        }
        assertThat(meter(hit)).isGreaterThanOrEqualTo(before + 2);
        assertThat(meter("sallyport_key_cache_requests_total{cache=\"bucket-keys\",result=\"miss\"}"))
                .isPositive();
        assertThat(meter("sallyport_key_cache_size{cache=\"bucket-keys\"}")).isPositive();
        assertThat(meter("sallyport_key_cache_evictions_total{cache=\"bucket-keys\"}"))
                .isNotNegative();
        assertThat(meter("sallyport_key_cache_requests_total{cache=\"key-material\",result=\"miss\"}"))
                .isPositive();
        assertThat(meter("sallyport_key_cache_size{cache=\"key-material\"}")).isPositive();
        assertThat(meter("sallyport_key_cache_evictions_total{cache=\"key-material\"}"))
                .isNotNegative();
    }

    private static double meter(String name) throws Exception {
        return get(gateway.adminEndpoint().resolve("/metrics"))
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name));
    }

    @Test
    void doesNotStartOnATakenPortOrWithAWrongPassphraseOrAStoreOfKeysInUse() throws Exception {
        try (SealSecret secret = secret()) {
            SqliteKeyStore.create(directory.resolve("other"), secret);
        }
        try (ServerSocket taken = new ServerSocket(0)) {
            GatewayConfig config = config("other", "127.0.0.1:" + taken.getLocalPort(), store.endpoint());
            assertThat(catchThrowableOfType(
                            IOException.class, () -> Gateway.start(config, environment(), Clock.systemUTC())))
                    .hasMessageContaining("the port is taken");
        }
        GatewayConfig config = config("other", "127.0.0.1:0", store.endpoint());
        Map<String, String> wrong = new java.util.HashMap<>(environment());
        wrong.put("SALLYPORT_PASSPHRASE", "wrong horse battery staple");
        assertThatThrownBy(() -> Gateway.start(config, wrong, Clock.systemUTC()))
                .isInstanceOf(SealException.class);
        assertThatThrownBy(() -> Gateway.start(
                        config("keys", "127.0.0.1:0", store.endpoint()), environment(), Clock.systemUTC()))
                .isInstanceOf(dev.sallyport.kms.store.StoreException.class)
                .hasMessageNotContaining("\n");
        // nothing of the failed attempts is left behind
        Gateway.start(config, environment(), Clock.systemUTC()).close();
    }

    @Test
    void startsWithoutItsStoreButIsNotReady() throws Exception {
        try (SealSecret secret = secret()) {
            SqliteKeyStore.create(directory.resolve("alone"), secret);
        }
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        GatewayConfig config = config("alone", "127.0.0.1:0", URI.create("http://127.0.0.1:" + port));
        try (Gateway alone = Gateway.start(config, environment(), Clock.systemUTC())) {
            HttpResponse<String> ready = get(alone.adminEndpoint().resolve("/readyz"));
            assertThat(ready.statusCode()).isEqualTo(503);
            assertThat(ready.body()).startsWith("store: ");
            assertThat(get(alone.adminEndpoint().resolve("/livez")).statusCode())
                    .isEqualTo(200);
        }
    }
}

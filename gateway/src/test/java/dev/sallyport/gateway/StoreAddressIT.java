package dev.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.gateway.testing.EmbeddedS3Store;
import dev.sallyport.gateway.testing.GatewayFixture;
import dev.sallyport.gateway.testing.S3Store;
import dev.sallyport.gateway.testing.TestFiles;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/** How the gateway speaks to its store, and is spoken to: over TLS, and with the bucket in the host's name. */
class StoreAddressIT {
    @TempDir
    Path directory;

    /** S3Proxy at localhost, over TLS or with virtual hosts. */
    private static final class Proxy implements S3Store {
        private final Path data;
        private final boolean tls;
        private final String accessKey = TestFiles.randomName("access");
        private final String secretKey = TestFiles.randomName("secret");
        private final S3Proxy server;

        Proxy(Path data, Optional<Path> keyStore) throws Exception {
            this.data = Files.createDirectories(data);
            tls = keyStore.isPresent();
            S3Proxy.Builder builder = S3Proxy.builder()
                    .blobStore(new FilesystemNio2BlobStore(data.toString()))
                    .awsAuthentication(AuthenticationType.AWS_V4, accessKey, secretKey)
                    .ignoreUnknownHeaders(false);
            if (keyStore.isPresent()) {
                builder.secureEndpoint(URI.create("https://127.0.0.1:0"))
                        .keyStore(keyStore.get().toString(), "changeit");
            } else {
                builder.endpoint(URI.create("http://127.0.0.1:0")).virtualHost("localhost");
            }
            server = builder.build();
            server.start();
        }

        @Override
        public String name() {
            return "embedded";
        }

        @Override
        public URI endpoint() {
            return URI.create(
                    tls ? "https://localhost:" + server.getSecurePort() : "http://localhost:" + server.getPort());
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
            return Optional.of(data);
        }

        @Override
        public void close() {
            try {
                server.stop();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** A self-signed pair, in a key store and, the certificate, as PEM beside it. */
    private Path pair(String name, String san) throws Exception {
        Path store = directory.resolve(name + ".p12");
        Process tool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "k",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "SAN=" + san,
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        "changeit")
                .redirectErrorStream(true)
                .start();
        assertThat(tool.waitFor(30, TimeUnit.SECONDS)).isTrue();
        KeyStore loaded = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            loaded.load(in, "changeit".toCharArray());
        }
        Files.writeString(
                directory.resolve(name + ".pem"),
                "-----BEGIN CERTIFICATE-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'})
                                .encodeToString(loaded.getCertificate("k").getEncoded())
                        + "\n-----END CERTIFICATE-----\n");
        return store;
    }

    private static HttpResponse<String> readiness(GatewayFixture gateway) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(gateway.adminEndpoint().resolve("/readyz"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private static void keepsObjects(GatewayFixture gateway) {
        byte[] large = new byte[3_000_001];
        new Random(1).nextBytes(large);
        try (S3Client s3 = gateway.s3(gateway.administrator())) {
            s3.createBucket(r -> r.bucket("first"));
            for (byte[] body : new byte[][] {new byte[0], {1}, large}) {
                s3.putObject(r -> r.bucket("first").key("dir/k"), RequestBody.fromBytes(body));
                assertThat(s3.getObjectAsBytes(r -> r.bucket("first").key("dir/k"))
                                .asByteArray())
                        .isEqualTo(body);
            }
            // only a store that was tried enforces it
            assertThatThrownBy(() -> s3.putObject(
                            r -> r.bucket("first").key("dir/k").ifNoneMatch("*"), RequestBody.fromString("x")))
                    .isInstanceOfSatisfying(
                            S3Exception.class, e -> assertThat(e.statusCode()).isEqualTo(412));
        }
    }

    @Test
    void speaksTlsToAStoreWhoseCertificateItTrusts() throws Exception {
        Path pair = pair("store", "dns:localhost");
        try (Proxy store = new Proxy(directory.resolve("data"), Optional.of(pair));
                GatewayFixture gateway = GatewayFixture.start(store, directory, ", ca: store.pem", "")) {
            assertThat(readiness(gateway).statusCode()).isEqualTo(200);
            keepsObjects(gateway);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "dns:localhost, other, the store's certificate comes from no authority that",
        "dns:elsewhere.example, store, the store's certificate is for another host than localhost",
    })
    void aStoreThatCannotBeTrustedIsNeverSpokenTo(String san, String ca, String problem) throws Exception {
        Path pair = pair("store", san);
        pair("other", "dns:localhost");
        try (Proxy store = new Proxy(directory.resolve("data"), Optional.of(pair));
                GatewayFixture gateway = GatewayFixture.start(store, directory, ", ca: " + ca + ".pem", "");
                S3Client s3 = gateway.s3(gateway.administrator())) {
            HttpResponse<String> ready = readiness(gateway);
            assertThat(ready.statusCode()).isEqualTo(503);
            assertThat(ready.body().lines()).singleElement().asString().startsWith("store: " + problem);
            assertThatThrownBy(s3::listBuckets)
                    .isInstanceOfSatisfying(
                            S3Exception.class, e -> assertThat(e.statusCode()).isEqualTo(503));
            try (var entries = Files.list(directory.resolve("data"))) {
                assertThat(entries).isEmpty();
            }
        }
    }

    @Test
    void namesTheBucketInTheHostWhereTheStoreWantsIt() throws Exception {
        try (Proxy store = new Proxy(directory.resolve("data"), Optional.empty());
                GatewayFixture gateway = GatewayFixture.start(store, directory, ", addressing: virtual", "")) {
            assertThat(readiness(gateway).statusCode()).isEqualTo(200);
            keepsObjects(gateway);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"first", "dotted.name"})
    void clientsNameTheBucketInTheHostUnderADomain(String bucket) throws Exception {
        try (S3Store store = new EmbeddedS3Store();
                GatewayFixture gateway = GatewayFixture.start(store, directory, "domains: [s3.test, example.org]");
                S3Client s3 = gateway.s3(gateway.administrator());
                S3Presigner presigner = S3Presigner.builder()
                        .endpointOverride(URI.create(
                                "http://s3.test:" + gateway.endpoint().getPort()))
                        .region(Region.US_EAST_1)
                        .credentialsProvider(StaticCredentialsProvider.create(gateway.administrator()))
                        .build()) {
            s3.createBucket(r -> r.bucket(bucket));
            s3.putObject(r -> r.bucket(bucket).key("dir/k"), RequestBody.fromString("as it was"));
            URI url = presigner
                    .presignGetObject(r -> r.signatureDuration(Duration.ofMinutes(5))
                            .getObjectRequest(g -> g.bucket(bucket).key("dir/k")))
                    .url()
                    .toURI();
            assertThat(url.getHost()).isEqualTo(bucket + ".s3.test");
            assertThat(url.getRawPath()).isEqualTo("/dir/k");
            assertThat(get(gateway, url.getAuthority(), url))
                    .startsWith("HTTP/1.1 200 ")
                    .endsWith("as it was");
            // the host is signed: another bucket, or a host of no domain, is not what was meant
            assertThat(get(gateway, "second." + url.getAuthority(), url)).startsWith("HTTP/1.1 403 ");
            assertThat(get(gateway, "first.elsewhere.test", url)).startsWith("HTTP/1.1 403 ");
        }
    }

    private static String get(GatewayFixture gateway, String host, URI url) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", gateway.endpoint().getPort())) {
            socket.setSoTimeout(30_000);
            String request = "GET " + url.getRawPath() + "?" + url.getRawQuery() + " HTTP/1.1\r\nHost: " + host
                    + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}

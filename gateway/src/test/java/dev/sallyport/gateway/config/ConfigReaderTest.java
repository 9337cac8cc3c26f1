package dev.sallyport.gateway.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sallyport.gateway.bucket.BucketMode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigReaderTest {
    private static final String SMALLEST = """
            version: v1
            listen: 127.0.0.1:9000
            store:
              url: http://127.0.0.1:9090
            keyStore:
              directory: keys
            """;

    @TempDir
    Path directory;

    private GatewayConfig parse(String yaml) throws ConfigException {
        return ConfigReader.parse(yaml, directory);
    }

    private List<String> problems(String yaml) {
        ConfigException e = catchThrowableOfType(ConfigException.class, () -> parse(yaml));
        assertThat(e).as("refused").isNotNull();
        return e.problems().stream().map(Object::toString).toList();
    }

    @Test
    void fillsInDefaults() throws Exception {
        GatewayConfig config = parse(SMALLEST);
        assertThat(config.region()).isEqualTo("us-east-1");
        assertThat(config.accountId()).isNull();
        assertThat(config.admin().getHostString()).isEqualTo("127.0.0.1");
        assertThat(config.store().pathStyle()).isTrue();
        assertThat(config.keyStore().directory()).isEqualTo(directory.resolve("keys"));
        assertThat(config.uploads().directory()).isEqualTo(directory.resolve("uploads"));
        assertThat(config.auditRetention()).isEqualTo(Duration.ofDays(90));
        assertThat(config.buckets().defaultMode()).isEqualTo(BucketMode.STRICT);
    }

    @Test
    void readsEverySetting() throws Exception {
        for (String name : List.of("cert.pem", "key.pem", "ca.pem", "id", "secret", "pass")) {
            Files.writeString(directory.resolve(name), "x");
        }
        GatewayConfig config = parse("""
                version: v1
                accountId: "111122223333"
                regions: [eu-central-1, us-east-1]
                listen: "[::]:443"
                admin: 127.0.0.1:9901
                tls: {certificate: cert.pem, key: key.pem}
                allowPlainHttp: false
                domains: [s3.example.org]
                trustedProxies: [10.0.0.0/8, "2001:db8::1"]
                store:
                  url: https://minio.example.org:9000/
                  region: eu-central-1
                  ca: ca.pem
                  addressing: virtual
                  accessKeyFile: id
                  secretKeyFile: secret
                keyStore: {directory: /var/lib/sallyport/keys, passphraseFile: pass}
                audit: {retention: 365d}
                buckets:
                  defaultMode: mixed
                  names: {photos: corp-photos}
                uploads: {directory: up, stagingBucket: stage, stagingQuota: 1GiB, abandonedAfter: 2d}
                limits:
                  connections: 100
                  requestLine: 16KiB
                  headerBytes: 32KiB
                  headerTimeout: 5s
                  bodyTimeout: 20s
                  writeTimeout: 21s
                  idleTimeout: 2m
                  holdAfter: 700ms
                drain: 45s
                eventLoops: 3
                """);
        assertThat(config.accountId()).isEqualTo("111122223333");
        assertThat(config.regions()).containsExactly("eu-central-1", "us-east-1");
        assertThat(config.listen().getHostString()).isEqualTo("::");
        assertThat(config.tls()).isEqualTo(new TlsConfig(directory.resolve("cert.pem"), directory.resolve("key.pem")));
        assertThat(config.domains()).containsExactly("s3.example.org");
        assertThat(config.trustedProxies()).containsExactly("10.0.0.0/8", "2001:db8::1");
        assertThat(config.store().pathStyle()).isFalse();
        assertThat(config.store().ca()).isEqualTo(directory.resolve("ca.pem"));
        assertThat(config.keyStore().passphraseFile()).isEqualTo(directory.resolve("pass"));
        assertThat(config.auditRetention()).isEqualTo(Duration.ofDays(365));
        assertThat(config.buckets().names()).containsEntry("photos", "corp-photos");
        assertThat(config.uploads().stagingQuota()).isEqualTo(1L << 30);
        assertThat(config.limits().headerBytes()).isEqualTo(32 << 10);
        assertThat(config.limits().idleTimeout()).isEqualTo(Duration.ofMinutes(2));
        assertThat(config.limits().holdAfter()).isEqualTo(Duration.ofMillis(700));
        assertThat(config.drain()).isEqualTo(Duration.ofSeconds(45));
        assertThat(config.eventLoops()).isEqualTo(3);
    }

    @Test
    void namesEveryMistakeAtOnceWithItsLine() {
        assertThat(problems("""
                        version: v2
                        regions: [us-east-1, "US EAST"]
                        listen: 0.0.0.0:9000
                        colour: blue
                        trustedProxies: [10.0.0.0/99]
                        store:
                          url: ftp://x
                          adressing: path
                          accessKeyFile: missing
                        keyStore: {}
                        limits:
                          headerTimeout: 5 seconds
                          connections: 0
                        """))
                .satisfiesExactlyInAnyOrder(
                        p -> assertThat(p).startsWith("line 1: version must be v1"),
                        p -> assertThat(p).startsWith("line 2: regions:"),
                        p -> assertThat(p).startsWith("line 3: listen is not loopback"),
                        p -> assertThat(p).startsWith("line 4: colour is no setting"),
                        p -> assertThat(p).startsWith("line 5: trustedProxies:"),
                        p -> assertThat(p).startsWith("line 6: store is wrong: name accessKeyFile and secretKeyFile"),
                        p -> assertThat(p).startsWith("line 7: store.url is wrong"),
                        p -> assertThat(p).startsWith("line 8: store.adressing is no setting"),
                        p -> assertThat(p).startsWith("line 9: store.accessKeyFile names a file that cannot be read"),
                        p -> assertThat(p).startsWith("line 10: keyStore.directory is missing"),
                        p -> assertThat(p).startsWith("line 11: limits is wrong: connections must be positive"),
                        p -> assertThat(p).startsWith("line 12: limits.headerTimeout is wrong"));
    }

    @Test
    void servesPlainHttpElsewhereOnlyWhenTold() throws Exception {
        String open = SMALLEST.replace("127.0.0.1:9000", "0.0.0.0:9000");
        assertThat(problems(open)).hasSize(1);
        assertThat(parse(open + "allowPlainHttp: true\n").allowPlainHttp()).isTrue();
        parse(SMALLEST.replace("127.0.0.1:9000", "localhost:9000"));
        parse(SMALLEST.replace("127.0.0.1:9000", "\"[::1]:9000\""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "just text",
                "- a\n- b\n",
                "version: [v1",
                "version: v1\n\tlisten: x",
                "a: &x [b]\nc: *x\n",
                "? {a: b}\n: c\n",
                "version: !!java.net.URL [http://x]\n",
            })
    void refusesWhatIsNoConfiguration(String yaml) {
        assertThat(problems(yaml)).isNotEmpty();
    }

    @Test
    void refusesAKeyThatAppearsTwice() {
        assertThat(problems(SMALLEST + "drain: 1s\ndrain: 2s\n")).anyMatch(p -> p.contains("drain appears twice"));
    }

    @Test
    void saysWhichFileIsMissing() {
        ConfigException e =
                catchThrowableOfType(ConfigException.class, () -> ConfigReader.read(directory.resolve("absent.yaml")));
        assertThat(e.problems()).hasSize(1);
        assertThat(e.problems().getFirst().toString()).contains("no such file").contains("absent.yaml");
    }

    @Test
    void takesStoreCredentialsFromFilesElseFromTheEnvironment() throws IOException, ConfigException {
        Files.writeString(directory.resolve("id"), "AKID\n");
        Files.writeString(directory.resolve("secret"), "s3cret\r\n");
        StoreConfig files = parse(SMALLEST.replace(
                        "  url: http://127.0.0.1:9090",
                        "  url: http://127.0.0.1:9090\n  accessKeyFile: id\n  secretKeyFile: secret"))
                .store();
        try (StoreCredentials credentials = StoreCredentials.of(files, java.util.Map.of())) {
            assertThat(credentials.accessKeyId()).isEqualTo("AKID");
            assertThat(credentials.secretKey().exposeCopy()).asString().isEqualTo("s3cret");
            assertThat(credentials.toString()).doesNotContain("s3cret");
        }
        StoreConfig plain = parse(SMALLEST).store();
        assertThat(catchThrowableOfType(IOException.class, () -> StoreCredentials.of(plain, java.util.Map.of())))
                .hasMessageContaining("SALLYPORT_STORE_ACCESS_KEY");
        try (StoreCredentials credentials = StoreCredentials.of(
                plain, java.util.Map.of(StoreCredentials.ACCESS_KEY, "A", StoreCredentials.SECRET_KEY, "B"))) {
            assertThat(credentials.accessKeyId()).isEqualTo("A");
        }
    }

    @Test
    void readsARemoteKms() throws Exception {
        assertThat(parse(SMALLEST).remoteKms()).isNull();
        RemoteKmsConfig smallest =
                parse(SMALLEST + "kms: {remote: {defaultKey: alias/objects}}\n").remoteKms();
        assertThat(smallest)
                .isEqualTo(new RemoteKmsConfig(
                        null, "us-east-1", "alias/objects", null, null, Duration.ofMinutes(5), Duration.ofSeconds(5)));
        for (String name : List.of("id", "secret")) {
            Files.writeString(directory.resolve(name), "x");
        }
        assertThat(parse(SMALLEST + """
                        kms:
                          remote:
                            endpoint: https://kms.example.org:8443
                            region: eu-central-1
                            defaultKey: arn:aws:kms:eu-central-1:111122223333:key/00000000-0000-4000-8000-000000000001
                            accessKeyFile: id
                            secretKeyFile: secret
                            cacheTime: 30s
                            timeout: 1s
                        """).remoteKms())
                .isEqualTo(new RemoteKmsConfig(
                        URI.create("https://kms.example.org:8443"),
                        "eu-central-1",
                        "arn:aws:kms:eu-central-1:111122223333:key/00000000-0000-4000-8000-000000000001",
                        directory.resolve("id"),
                        directory.resolve("secret"),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(1)));
    }

    @Test
    void namesTheMistakesOfARemoteKms() {
        assertThat(problems(SMALLEST + """
                        kms:
                          remote:
                            endpoint: http://kms.example.org
                            defaultKey: alias/aws/s3
                            accessKeyFile: none
                            cache: 5m
                        """))
                .anySatisfy(problem -> assertThat(problem).contains("kms.remote.endpoint", "plain HTTP"))
                .anySatisfy(problem -> assertThat(problem).contains("kms.remote.defaultKey", "alias/aws/s3"))
                .anySatisfy(problem -> assertThat(problem).contains("kms.remote.accessKeyFile", "cannot be read"))
                .anySatisfy(problem -> assertThat(problem).contains("kms.remote.cache", "no setting"))
                .anySatisfy(problem -> assertThat(problem).contains("accessKeyFile and secretKeyFile, or neither"));
        assertThat(problems(SMALLEST + "kms: {remote: {}}\n"))
                .singleElement()
                .satisfies(problem -> assertThat(problem).contains("kms.remote.defaultKey is missing"));
        assertThat(problems(SMALLEST + "kms: remote\n"))
                .anySatisfy(problem -> assertThat(problem).contains("kms must be a mapping"));
        assertThat(problems(SMALLEST + "kms: {remote: {defaultKey: alias/k, cacheTime: 2d}}\n"))
                .singleElement()
                .satisfies(problem -> assertThat(problem).contains("cacheTime"));
    }
}

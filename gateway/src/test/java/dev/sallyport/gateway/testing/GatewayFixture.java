package dev.sallyport.gateway.testing;

import dev.sallyport.gateway.Gateway;
import dev.sallyport.gateway.config.ConfigException;
import dev.sallyport.gateway.config.ConfigReader;
import dev.sallyport.gateway.config.StoreCredentials;
import dev.sallyport.kms.principal.Account;
import dev.sallyport.kms.principal.NewAccessKey;
import dev.sallyport.kms.principal.PrincipalAdmin;
import dev.sallyport.kms.seal.SealSecret;
import dev.sallyport.kms.store.DigestWitness;
import dev.sallyport.kms.store.SqliteKeyStore;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * A whole gateway in this process, over a store, with an administrator, a principal that may do nothing, and one that may do
 * everything of S3 and nothing of KMS.
 */
public final class GatewayFixture implements AutoCloseable {
    private static final String S3_ONLY = """
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}""";

    private final S3Store store;
    private final Gateway gateway;
    private final AwsBasicCredentials administrator;
    private final AwsBasicCredentials stranger;
    private final AwsBasicCredentials s3Only;

    private GatewayFixture(
            S3Store store,
            Gateway gateway,
            AwsBasicCredentials administrator,
            AwsBasicCredentials stranger,
            AwsBasicCredentials s3Only) {
        this.store = store;
        this.gateway = gateway;
        this.administrator = administrator;
        this.stranger = stranger;
        this.s3Only = s3Only;
    }

    /** Starts one; its keys and its configuration go under {@code directory}. The store stays the caller's to close. */
    public static GatewayFixture start(S3Store store, Path directory) throws IOException, ConfigException {
        return start(store, directory, "");
    }

    /** The same with more lines in its configuration. */
    public static GatewayFixture start(S3Store store, Path directory, String more) throws IOException, ConfigException {
        return start(store, directory, "", more);
    }

    /** The same with more settings of the store, in the braces of a YAML mapping: {@code , ca: ca.pem}. */
    public static GatewayFixture start(S3Store store, Path directory, String ofStore, String more)
            throws IOException, ConfigException {
        String passphrase = TestFiles.randomName("passphrase");
        AwsBasicCredentials administrator;
        AwsBasicCredentials stranger;
        AwsBasicCredentials s3Only;
        try (SealSecret secret = SealSecret.passphrase(passphrase.getBytes(StandardCharsets.US_ASCII))) {
            SqliteKeyStore.create(directory.resolve("keys"), secret);
            try (SqliteKeyStore keys = SqliteKeyStore.open(directory.resolve("keys"), secret, DigestWitness.NONE)) {
                PrincipalAdmin admin = new PrincipalAdmin(keys, Account.of(keys), Clock.systemUTC());
                administrator = add(admin, "administrator", Map.of(), true);
                stranger = add(admin, "stranger", Map.of(), false);
                s3Only = add(admin, "s3-only", Map.of("s3", S3_ONLY), false);
            }
        }
        Map<String, String> environment = Map.of(
                StoreCredentials.ACCESS_KEY,
                store.accessKey(),
                StoreCredentials.SECRET_KEY,
                store.secretKey(),
                "SALLYPORT_PASSPHRASE",
                passphrase);
        Gateway gateway = Gateway.start(
                ConfigReader.parse("""
                        version: v1
                        listen: 127.0.0.1:0
                        admin: 127.0.0.1:0
                        drain: 5s
                        store: {url: "%s", region: %s%s}
                        keyStore: {directory: keys}
                        %s
                        """.formatted(store.endpoint(), store.region(), ofStore, more), directory),
                environment,
                Clock.systemUTC());
        return new GatewayFixture(store, gateway, administrator, stranger, s3Only);
    }

    private static AwsBasicCredentials add(
            PrincipalAdmin admin, String name, Map<String, String> policies, boolean administrator) {
        try (NewAccessKey key = admin.add(name, policies, administrator)) {
            return AwsBasicCredentials.create(
                    key.id(), key.secret().use(bytes -> new String(bytes, StandardCharsets.US_ASCII)));
        }
    }

    /** Where S3, KMS and STS are served. */
    public URI endpoint() {
        return gateway.endpoint();
    }

    /** May do everything. */
    public AwsBasicCredentials administrator() {
        return administrator;
    }

    /** Is known, and may do nothing. */
    public AwsBasicCredentials stranger() {
        return stranger;
    }

    /** May do everything of S3, and nothing of KMS. */
    public AwsBasicCredentials s3Only() {
        return s3Only;
    }

    /** Where health and metrics are served. */
    public URI adminEndpoint() {
        return gateway.adminEndpoint();
    }

    /** S3 through the gateway. */
    public S3Client s3(AwsBasicCredentials credentials) {
        return client(endpoint(), credentials);
    }

    /** S3 behind the gateway's back: what the store has. */
    public S3Client behind() {
        return client(store.endpoint(), AwsBasicCredentials.create(store.accessKey(), store.secretKey()));
    }

    /** The KMS. */
    public KmsClient kms(AwsBasicCredentials credentials) {
        return KmsClient.builder()
                .endpointOverride(endpoint())
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(credentials))
                .build();
    }

    private static S3Client client(URI endpoint, AwsBasicCredentials credentials) {
        return S3Client.builder()
                .endpointOverride(endpoint)
                .region(Region.US_EAST_1)
                .forcePathStyle(true)
                .credentialsProvider(StaticCredentialsProvider.create(credentials))
                .build();
    }

    @Override
    public void close() {
        gateway.close();
    }
}

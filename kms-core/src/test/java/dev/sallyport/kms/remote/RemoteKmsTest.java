package dev.sallyport.kms.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.Caller;
import dev.sallyport.kms.DataKey;
import dev.sallyport.kms.DecryptedKey;
import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.KmsException.Code;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** Against a server that answers what each test sets. */
class RemoteKmsTest {
    private static final String ARN = "arn:aws:kms:eu-central-1:000000000000:key/00000000-0000-4000-8000-000000000001";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final EncryptionContext CONTEXT = EncryptionContext.of("sallyport:volume-id", "v1");
    private static final CallContext CALL = new CallContext(
            new Caller("arn:aws:iam::000000000000:user/agent", "000000000000", "AIDA", "agent", null, null),
            "eu-central-1",
            "id",
            "127.0.0.1",
            "test",
            false,
            null,
            null,
            null,
            List.of());

    private final List<JsonNode> requests = Collections.synchronizedList(new ArrayList<>());
    private final List<String> targets = Collections.synchronizedList(new ArrayList<>());
    private final List<String> denied = new ArrayList<>();
    private HttpServer server;
    private ExecutorService threads;
    private RemoteKms kms;
    private volatile int status = 200;
    private volatile String body = "{}";
    private volatile long delayMillis;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        threads = Executors.newVirtualThreadPerTaskExecutor();
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
        kms = connect(CallerPolicies.NONE);
    }

    @AfterEach
    void stop() {
        kms.close();
        server.stop(0);
        threads.shutdownNow();
    }

    private RemoteKms connect(CallerPolicies policies) {
        return RemoteKms.connect(
                new RemoteKmsOptions(
                        URI.create("http://127.0.0.1:" + server.getAddress().getPort()),
                        "eu-central-1",
                        Duration.ofSeconds(1)),
                policies,
                StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIAEXAMPLE", "secret")));
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            targets.add(exchange.getRequestHeaders().getFirst("X-Amz-Target"));
            requests.add(JSON.readTree(exchange.getRequestBody().readAllBytes()));
            Thread.sleep(delayMillis);
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.1");
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    @Test
    void generatesDataKey() {
        byte[] key = new byte[96];
        key[95] = 7;
        body = "{\"KeyId\":\"" + ARN + "\",\"Plaintext\":\"" + base64(key) + "\",\"CiphertextBlob\":\"AQID\"}";
        try (DataKey made = kms.generateDataKey(CALL, "alias/volumes", CONTEXT, 96)) {
            assertThat(made.keyArn()).isEqualTo(ARN);
            assertThat(made.wrapped()).containsExactly(1, 2, 3);
            assertThat(made.plaintext().exposeCopy()).isEqualTo(key);
        }
        assertThat(targets).containsExactly("TrentService.GenerateDataKey");
        assertThat(requests.getFirst().path("NumberOfBytes").asInt()).isEqualTo(96);
        assertThat(requests.getFirst().path("KeyId").asText()).isEqualTo("alias/volumes");
        assertThat(requests.getFirst()
                        .path("EncryptionContext")
                        .path("sallyport:volume-id")
                        .asText())
                .isEqualTo("v1");
    }

    @Test
    void refusesKeyOfAnotherLength() {
        body = "{\"KeyId\":\"" + ARN + "\",\"Plaintext\":\"AAAA\",\"CiphertextBlob\":\"AQID\"}";
        assertThatThrownBy(() -> kms.generateDataKey(CALL, ARN, CONTEXT, 96))
                .isInstanceOf(KmsException.class)
                .hasMessageContaining("malformed");
    }

    @Test
    void decryptsEncryptsAndReEncrypts() {
        body = "{\"KeyId\":\"" + ARN + "\",\"Plaintext\":\"AQI=\"}";
        try (DecryptedKey opened = kms.decrypt(CALL, new byte[] {9}, CONTEXT, ARN)) {
            assertThat(opened.plaintext().exposeCopy()).containsExactly(1, 2);
        }
        body = "{\"KeyId\":\"" + ARN + "\",\"CiphertextBlob\":\"AQI=\",\"SourceKeyId\":\"" + ARN + "\"}";
        assertThat(kms.encrypt(CALL, ARN, new byte[] {5}, CONTEXT).bytes()).containsExactly(1, 2);
        assertThat(kms.reEncrypt(CALL, new byte[] {9}, CONTEXT, ARN, EncryptionContext.EMPTY)
                        .bytes())
                .containsExactly(1, 2);
        assertThat(targets).containsExactly("TrentService.Decrypt", "TrentService.Encrypt", "TrentService.ReEncrypt");
        assertThat(requests.get(1).path("Plaintext").asText()).isEqualTo(base64(new byte[] {5}));
    }

    @Test
    void describesKey() {
        body = "{\"KeyMetadata\":{\"Arn\":\"" + ARN
                + "\",\"KeyId\":\"k\",\"KeyManager\":\"CUSTOMER\",\"KeyState\":\"Disabled\"}}";
        assertThat(kms.describeKey(CALL, "alias/volumes").state()).isEqualTo("Disabled");
        assertThat(kms.describeKey(CALL, "alias/volumes").awsManaged()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "400, DisabledException, DISABLED, false",
        "400, KMSInvalidStateException, INVALID_STATE, false",
        "400, NotFoundException, NOT_FOUND, false",
        "400, AccessDeniedException, ACCESS_DENIED, false",
        "400, InvalidCiphertextException, INVALID_CIPHERTEXT, false",
        "400, IncorrectKeyException, INCORRECT_KEY, false",
        "400, ThrottlingException, THROTTLING, true",
        "400, UnrecognizedClientException, INTERNAL, true",
        "403, InvalidSignatureException, INTERNAL, true",
        "400, ExpiredTokenException, INTERNAL, true",
        "500, KMSInternalException, INTERNAL, true",
        "500, KeyUnavailableException, KEY_UNAVAILABLE, true",
        "503, ServiceUnavailable, INTERNAL, true",
        "400, SomethingNew, INTERNAL, true",
    })
    void tellsOutageFromRevocation(int answer, String type, Code expected, boolean outage) {
        status = answer;
        body = "{\"__type\":\"" + type + "\",\"message\":\"because\"}";
        KmsException e =
                catchThrowableOfType(KmsException.class, () -> kms.decrypt(CALL, new byte[] {1}, CONTEXT, ARN));
        assertThat(e.code()).isEqualTo(expected);
        assertThat(RemoteKms.isOutage(e)).isEqualTo(outage);
    }

    @Test
    void namesTimeout() {
        delayMillis = 3000;
        KmsException e =
                catchThrowableOfType(KmsException.class, () -> kms.decrypt(CALL, new byte[] {1}, CONTEXT, ARN));
        assertThat(e.code()).isEqualTo(Code.DEPENDENCY_TIMEOUT);
        assertThat(RemoteKms.isOutage(e)).isTrue();
    }

    @Test
    void namesClosedPort() {
        server.stop(0);
        KmsException e =
                catchThrowableOfType(KmsException.class, () -> kms.decrypt(CALL, new byte[] {1}, CONTEXT, ARN));
        assertThat(e.code()).isEqualTo(Code.DEPENDENCY_TIMEOUT);
        assertThat(e).hasMessageContaining("cannot be reached");
    }

    @Test
    void refusesKeysThatAwsManagesByName() {
        assertThatThrownBy(() -> kms.generateDataKey(CALL, "alias/aws/s3", CONTEXT, 32))
                .isInstanceOf(KmsException.class)
                .hasMessageContaining("alias/aws/s3");
        assertThat(targets).isEmpty();
    }

    @Test
    void resolvesNamesForPoliciesOnce() {
        body = "{\"KeyMetadata\":{\"Arn\":\"" + ARN + "\",\"KeyId\":\"k\"}}";
        assertThat(kms.keyArn(CALL, "alias/volumes")).isEqualTo(ARN);
        assertThat(kms.keyArn(CALL, "alias/volumes")).isEqualTo(ARN);
        assertThat(kms.keyArn(CALL, ARN)).isEqualTo(ARN);
        assertThat(kms.keyArn(CALL, "alias/aws/s3")).isEqualTo("alias/aws/s3");
        assertThat(targets).containsExactly("TrentService.DescribeKey");
    }

    @Test
    void asksCallersPoliciesFirst() {
        body = "{\"KeyMetadata\":{\"Arn\":\"" + ARN + "\",\"KeyId\":\"k\"}}";
        try (RemoteKms guarded = connect((call, action, keyArn, context) -> {
            denied.add(action + " " + keyArn);
            throw new KmsException(Code.ACCESS_DENIED, "no");
        })) {
            assertThatThrownBy(() -> guarded.generateDataKey(CALL, "alias/volumes", CONTEXT, 32))
                    .hasMessage("no");
            assertThatThrownBy(() -> guarded.authorizeCachedUse(CALL, ARN, "kms:Decrypt", CONTEXT))
                    .hasMessage("no");
            body = "{\"KeyId\":\"" + ARN + "\",\"Plaintext\":\"AQI=\"}";
            assertThatThrownBy(() -> guarded.decrypt(CALL, new byte[] {1}, CONTEXT, null))
                    .hasMessage("no");
        }
        assertThat(denied).containsExactly("kms:GenerateDataKey " + ARN, "kms:Decrypt " + ARN, "kms:Decrypt " + ARN);
        assertThat(targets).containsExactly("TrentService.DescribeKey", "TrentService.Decrypt");
    }

    @Test
    void validatesOptions() {
        Duration second = Duration.ofSeconds(1);
        assertThatThrownBy(() -> new RemoteKmsOptions(URI.create("ftp://x"), null, second))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new RemoteKmsOptions(URI.create("https://user:pass@x"), null, second))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("pass@");
        assertThatThrownBy(() -> new RemoteKmsOptions(null, "EU Central", second))
                .isInstanceOf(IllegalArgumentException.class);
    }
}

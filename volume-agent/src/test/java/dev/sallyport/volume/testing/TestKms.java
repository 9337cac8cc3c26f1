package dev.sallyport.volume.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A KMS on a free loopback port, in the AWS protocol, with keys in memory: what the agent needs of one, with states that a
 * test sets and failures that it asks for. It remembers every secret that it gave out, so that tests can look for them.
 */
public final class TestKms implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What becomes of requests. */
    public enum Mode {
        ANSWERS,
        FAILS,
        THROTTLES,
        REFUSES_CREDENTIALS,
        HANGS
    }

    /** What a key is good for; the name is the error's, empty for none. */
    public enum State {
        ENABLED(""),
        DISABLED("DisabledException"),
        PENDING_DELETION("KMSInvalidStateException"),
        GONE("NotFoundException"),
        DENIED("AccessDeniedException");

        private final String error;

        State(String error) {
            this.error = error;
        }
    }

    private final Map<String, byte[]> keys = new ConcurrentHashMap<>();
    private final Map<String, State> states = new ConcurrentHashMap<>();
    private final List<byte[]> secrets = new CopyOnWriteArrayList<>();
    private final List<String> calls = new CopyOnWriteArrayList<>();
    private final AtomicInteger requests = new AtomicInteger();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private volatile Mode mode = Mode.ANSWERS;

    public TestKms() throws IOException {
        // the SDK's default chain of this process; for others see environment()
        System.setProperty("aws.accessKeyId", "AKIAEXAMPLE");
        System.setProperty("aws.secretAccessKey", "example");
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::serve);
        server.start();
    }

    public String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** What another process needs in its environment to call this. */
    public Map<String, String> environment() {
        return Map.of("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY", "example");
    }

    /** Makes a key; its ARN. */
    public String newKey() {
        String arn = "arn:aws:kms:eu-central-1:000000000000:key/" + UUID.randomUUID();
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        keys.put(arn, key);
        states.put(arn, State.ENABLED);
        return arn;
    }

    public void set(String arn, State state) {
        states.put(arn, state);
    }

    public void set(Mode wanted) {
        mode = wanted;
    }

    /** Every plaintext that was made, wrapped or opened. */
    public List<byte[]> secrets() {
        return List.copyOf(secrets);
    }

    /** Operations that were answered or refused, in order. */
    public List<String> calls() {
        return List.copyOf(calls);
    }

    /** Requests so far, whatever became of them. */
    public int requests() {
        return requests.get();
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            requests.incrementAndGet();
            String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
            JsonNode request = JSON.readTree(exchange.getRequestBody().readAllBytes());
            switch (mode) {
                case FAILS -> answer(exchange, 503, JsonNodeFactory.instance.objectNode());
                case THROTTLES -> answer(exchange, 400, error("ThrottlingException", "slow down"));
                case REFUSES_CREDENTIALS -> answer(exchange, 403, error("InvalidSignatureException", "who are you"));
                case HANGS -> closed.await();
                case ANSWERS -> answer(exchange, target.substring(target.indexOf('.') + 1), request);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void answer(HttpExchange exchange, String operation, JsonNode request) throws IOException {
        calls.add(operation);
        try {
            answer(exchange, 200, perform(operation, request));
        } catch (Refused e) {
            answer(exchange, 400, error(e.code, e.getMessage()));
        } catch (GeneralSecurityException e) {
            answer(exchange, 400, error("InvalidCiphertextException", ""));
        }
    }

    private ObjectNode perform(String operation, JsonNode request) throws GeneralSecurityException {
        return switch (operation) {
            case "GenerateDataKey" -> {
                String key = usable(request.path("KeyId").asText());
                byte[] made = new byte[request.path("NumberOfBytes").asInt()];
                new SecureRandom().nextBytes(made);
                yield wrapped(key, made, request.path("EncryptionContext"))
                        .put("Plaintext", Base64.getEncoder().encodeToString(made));
            }
            case "Encrypt" ->
                wrapped(
                        usable(request.path("KeyId").asText()),
                        Base64.getDecoder().decode(request.path("Plaintext").asText()),
                        request.path("EncryptionContext"));
            case "Decrypt" -> {
                byte[] blob = blob(request);
                String key = usable(keyOf(blob));
                if (!key.equals(request.path("KeyId").asText(key))) {
                    throw new Refused("IncorrectKeyException", "another key wrapped this");
                }
                yield JsonNodeFactory.instance
                        .objectNode()
                        .put("KeyId", key)
                        .put(
                                "Plaintext",
                                Base64.getEncoder().encodeToString(open(key, blob, request.path("EncryptionContext"))));
            }
            case "ReEncrypt" -> {
                byte[] blob = blob(request);
                String source = usable(keyOf(blob));
                String destination = usable(request.path("DestinationKeyId").asText());
                byte[] opened = open(source, blob, request.path("SourceEncryptionContext"));
                yield wrapped(destination, opened, request.path("DestinationEncryptionContext"))
                        .put("SourceKeyId", source);
            }
            default -> throw new Refused("UnknownOperationException", operation);
        };
    }

    private ObjectNode wrapped(String key, byte[] plaintext, JsonNode context) throws GeneralSecurityException {
        secrets.add(plaintext.clone());
        byte[] iv = new byte[12];
        new SecureRandom().nextBytes(iv);
        byte[] name = key.getBytes(StandardCharsets.US_ASCII);
        byte[] sealed = cipher(Cipher.ENCRYPT_MODE, key, iv, context).doFinal(plaintext);
        byte[] blob = ByteBuffer.allocate(1 + name.length + iv.length + sealed.length)
                .put((byte) name.length)
                .put(name)
                .put(iv)
                .put(sealed)
                .array();
        return JsonNodeFactory.instance
                .objectNode()
                .put("KeyId", key)
                .put("CiphertextBlob", Base64.getEncoder().encodeToString(blob));
    }

    private byte[] open(String key, byte[] blob, JsonNode context) throws GeneralSecurityException {
        int at = 1 + blob[0];
        byte[] opened = cipher(Cipher.DECRYPT_MODE, key, Arrays.copyOfRange(blob, at, at + 12), context)
                .doFinal(blob, at + 12, blob.length - at - 12);
        secrets.add(opened.clone());
        return opened;
    }

    private Cipher cipher(int direction, String key, byte[] iv, JsonNode context) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(direction, new SecretKeySpec(keys.get(key), "AES"), new GCMParameterSpec(128, iv));
        TreeMap<String, String> pairs = new TreeMap<>();
        context.properties()
                .forEach(pair -> pairs.put(pair.getKey(), pair.getValue().asText()));
        cipher.updateAAD(pairs.toString().getBytes(StandardCharsets.UTF_8));
        return cipher;
    }

    private static byte[] blob(JsonNode request) {
        return Base64.getDecoder().decode(request.path("CiphertextBlob").asText());
    }

    private static String keyOf(byte[] blob) {
        return new String(blob, 1, blob[0], StandardCharsets.US_ASCII);
    }

    private String usable(String arn) {
        State state = states.getOrDefault(arn, State.GONE);
        if (state != State.ENABLED) {
            throw new Refused(state.error, arn + " is " + state);
        }
        return arn;
    }

    private static ObjectNode error(String code, String message) {
        return JsonNodeFactory.instance.objectNode().put("__type", code).put("message", message);
    }

    private static void answer(HttpExchange exchange, int status, ObjectNode body) throws IOException {
        byte[] bytes = body.toString().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.1");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final String code;

        Refused(String code, String message) {
            super(message);
            this.code = code;
        }
    }
}

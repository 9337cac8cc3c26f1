package dev.sallyport.kms.envelope;

import static dev.sallyport.kms.Vectors.counting;
import static dev.sallyport.kms.Vectors.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.Vectors;
import dev.sallyport.kms.crypto.Digests;
import dev.sallyport.kms.crypto.SecretBytes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code vectors/envelope.json}: what is written, and a second reader, in Python, that shares nothing with this one. */
class EnvelopeVectorsTest {
    private static final String FILE = "envelope.json";
    private static final Path COMMITTED = Path.of("src/test/resources/vectors", FILE);
    private static final Path SCRIPT = Path.of("..", "examples", "reader", "read_envelope.py");
    private static final int WRITTEN_OUT = 100;

    @TempDir
    Path directory = Path.of("");

    @Test
    void committedVectorsAreWhatIsWritten() throws IOException {
        JsonNode committed = Vectors.committed(FILE, generate());
        assertThat(committed.get("vectors").size()).isEqualTo(8);
    }

    @Test
    void eachOpensWithItsKeys() throws IOException {
        for (JsonNode vector : generate().get("vectors")) {
            byte[] envelope = envelope(vector);
            List<KeyUnwrapper> keys = new ArrayList<>();
            for (JsonNode file : vector.get("keyFiles")) {
                keys.add(key(HexFormat.of().parseHex(file.asText())));
            }
            assertThat(Envelopes.open(envelope, keys.toArray(KeyUnwrapper[]::new)))
                    .isEqualTo(Envelopes.plaintext(vector.get("length").asInt()));
        }
    }

    @Test
    void aReaderThatSharesNoCodeOpensThemAndRefusesWhatWasChanged() throws Exception {
        assumeTrue(
                run(List.of("python3", "-c", "import cryptography"), directory.resolve("none")) == 0,
                "needs python3 with the package cryptography");
        for (JsonNode vector : generate().get("vectors")) {
            byte[] envelope = envelope(vector);
            Path file = Files.write(directory.resolve("envelope"), envelope);
            List<String> command = new ArrayList<>(List.of("python3", SCRIPT.toString()));
            int number = 0;
            for (JsonNode key : vector.get("keyFiles")) {
                Path path = directory.resolve("key" + number++);
                command.addAll(List.of(
                        "--key-file",
                        Files.write(path, HexFormat.of().parseHex(key.asText())).toString()));
            }
            command.add(file.toString());
            Path opened = directory.resolve("opened");
            assertThat(run(command, opened)).isZero();
            assertThat(Files.readAllBytes(opened))
                    .isEqualTo(Envelopes.plaintext(vector.get("length").asInt()));
            for (int at : new int[] {13, 30, 66, envelope.length - 1}) {
                byte[] altered = envelope.clone();
                altered[at] ^= 1;
                Files.write(file, altered);
                assertThat(run(command, opened)).isNotZero();
            }
            Files.write(file, Arrays.copyOf(envelope, envelope.length - 1));
            assertThat(run(command, opened)).isNotZero();
        }
    }

    private int run(List<String> command, Path output) throws Exception {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectOutput(output.toFile())
                    .redirectError(directory.resolve("errors").toFile())
                    .start();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return process.exitValue();
        } catch (IOException e) {
            return -1;
        }
    }

    private static KeyFileMasterKey key(byte[] bytes) {
        try (SecretBytes key = SecretBytes.copyOf(bytes)) {
            return new KeyFileMasterKey(key);
        }
    }

    private static ObjectNode generate() throws IOException {
        // A wrap is random, so the committed ones are taken again; everything else follows from what is given.
        JsonNode before = Files.exists(COMMITTED)
                ? new ObjectMapper().readTree(COMMITTED.toFile()).get("vectors")
                : JsonNodeFactory.instance.arrayNode();
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("specification", "kms-core/docs/envelope.md");
        root.put("plaintext", "byte i of every plaintext is (i + i / 256) mod 256");
        ArrayNode vectors = root.putArray("vectors");
        for (EnvelopePlan plan : EnvelopePlan.values()) {
            vectors.add(vector(plan, Combination.SINGLE, 0, EncryptionContext.EMPTY, before.path(vectors.size())));
            vectors.add(vector(plan, Combination.SINGLE, 20, EncryptionContext.EMPTY, before.path(vectors.size())));
            EncryptionContext context = new EncryptionContext(Map.of("team", "blue", "länge", "2"));
            vectors.add(vector(plan, Combination.ANY_OF, 131_072, context, before.path(vectors.size())));
            vectors.add(vector(plan, Combination.ALL_OF, 131_073, context, before.path(vectors.size())));
        }
        return root;
    }

    private static ObjectNode vector(
            EnvelopePlan plan, Combination combination, int length, EncryptionContext context, JsonNode before)
            throws IOException {
        boolean all = combination == Combination.ALL_OF;
        byte[] id = counting(0xa0 + length % 7, 16);
        ObjectNode vector = JsonNodeFactory.instance.objectNode();
        vector.put("plan", plan.code());
        vector.put("combination", combination.code());
        vector.put("length", length);
        ObjectNode pairs = vector.putObject("context");
        List.of("länge", "team").stream()
                .filter(context.pairs()::containsKey)
                .forEach(name -> pairs.put(name, context.pairs().get(name)));
        vector.put("id", hex(id));
        List<KeyWrapper> keys = new ArrayList<>();
        List<SecretBytes> secrets = new ArrayList<>();
        ArrayNode files = vector.putArray("keyFiles");
        ArrayNode shares = vector.putArray(all ? "shares" : "dataKey");
        ArrayNode wrapped = vector.putArray("wrapped");
        int count = combination == Combination.SINGLE ? 1 : 3;
        for (int i = 0; i < count; i++) {
            byte[] file = counting(i + 1, 32);
            files.add(hex(file));
            JsonNode known = before.path("wrapped").path(i);
            KeyFileMasterKey key = key(file);
            keys.add((secret, bound) -> {
                KeyWrap wrap = known.isMissingNode()
                        ? key.wrap(secret, bound)
                        : new KeyWrap(KeyWrap.KEY_FILE, key.id(), HexFormat.of().parseHex(known.asText()));
                wrapped.add(hex(wrap.bytes()));
                return wrap;
            });
            if (all || i == 0) {
                byte[] secret = counting(0x40 + 0x20 * i, 32);
                shares.add(hex(secret));
                secrets.add(SecretBytes.takeOver(secret));
            }
        }
        EnvelopeWriter writer = (all ? EnvelopeWriter.allOf(keys) : EnvelopeWriter.anyOf(keys)).context(context);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        EnvelopeHeader header = (plan == EnvelopePlan.CASCADE ? writer.cascade() : writer)
                .seal(id, secrets, new ByteArrayInputStream(Envelopes.plaintext(length)), out);
        byte[] envelope = out.toByteArray();
        vector.put("header", hex(Arrays.copyOf(envelope, header.length())));
        vector.put("envelopeSha256", hex(Digests.sha256(envelope)));
        if (length <= WRITTEN_OUT) {
            vector.put("envelope", hex(envelope));
        }
        return vector;
    }

    private static byte[] envelope(JsonNode vector) throws IOException {
        List<KeyWrapper> keys = new ArrayList<>();
        for (int i = 0; i < vector.get("keyFiles").size(); i++) {
            KeyFileMasterKey key =
                    key(HexFormat.of().parseHex(vector.get("keyFiles").get(i).asText()));
            byte[] wrapped =
                    HexFormat.of().parseHex(vector.get("wrapped").get(i).asText());
            keys.add((secret, bound) -> new KeyWrap(KeyWrap.KEY_FILE, key.id(), wrapped));
        }
        boolean all = vector.has("shares");
        List<SecretBytes> secrets = new ArrayList<>();
        for (JsonNode share : vector.get(all ? "shares" : "dataKey")) {
            secrets.add(SecretBytes.takeOver(HexFormat.of().parseHex(share.asText())));
        }
        EncryptionContext context = EncryptionContext.EMPTY;
        for (Map.Entry<String, JsonNode> pair : vector.get("context").properties()) {
            context = context.with(pair.getKey(), pair.getValue().asText());
        }
        EnvelopeWriter writer = (all ? EnvelopeWriter.allOf(keys) : EnvelopeWriter.anyOf(keys)).context(context);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        (vector.get("plan").asInt() == EnvelopePlan.CASCADE.code() ? writer.cascade() : writer)
                .seal(
                        Vectors.bytes(vector, "id"),
                        secrets,
                        new ByteArrayInputStream(
                                Envelopes.plaintext(vector.get("length").asInt())),
                        out);
        byte[] envelope = out.toByteArray();
        assertThat(hex(Digests.sha256(envelope)))
                .isEqualTo(vector.get("envelopeSha256").asText());
        return envelope;
    }
}

package dev.sallyport.kms.ciphertext;

import static dev.sallyport.kms.Vectors.counting;
import static dev.sallyport.kms.Vectors.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.Vectors;
import dev.sallyport.kms.crypto.AuthenticationFailedException;
import dev.sallyport.kms.crypto.ProviderTest;
import dev.sallyport.kms.crypto.SecretBytes;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.junit.jupiter.api.Test;

/** {@code vectors/ciphertext-blob.json}: what this implementation writes, and a second reader that knows only the document. */
class CiphertextBlobVectorsTest {
    private static final String UUID = "1234abcd-12ab-34cd-56ef-1234567890ab";
    private static final String MRK = "mrk-1234abcd12ab34cd56ef1234567890ab";

    @ProviderTest
    void committedVectorsAreWhatIsWritten() {
        JsonNode committed = Vectors.committed("ciphertext-blob.json", generate());
        for (JsonNode vector : committed.get("vectors")) {
            try (SecretBytes material = SecretBytes.takeOver(Vectors.bytes(vector, "keyMaterial"));
                    SecretBytes plaintext =
                            CiphertextBlob.open(material, Vectors.bytes(vector, "blob"), context(vector))) {
                assertThat(plaintext.exposeCopy()).isEqualTo(Vectors.bytes(vector, "plaintext"));
            }
        }
        for (JsonNode vector : committed.get("invalid")) {
            try (SecretBytes material = SecretBytes.takeOver(Vectors.bytes(vector, "keyMaterial"))) {
                assertThatThrownBy(
                                () -> CiphertextBlob.open(material, Vectors.bytes(vector, "blob"), context(vector)),
                                vector.get("name").asText())
                        .isInstanceOf(AuthenticationFailedException.class);
            }
        }
    }

    @Test
    void aReaderThatSharesNoCodeOpensThem() throws Exception {
        for (JsonNode vector : generate().get("vectors")) {
            byte[] blob = Vectors.bytes(vector, "blob");
            int idLength = blob[6];
            int commitmentAt = 7 + idLength + 32 + 16 + 12;
            assertThat(new String(blob, 0, 4, StandardCharsets.US_ASCII)).isEqualTo("SPKB");
            assertThat(blob[4]).isEqualTo((byte) 1);
            assertThat(blob[5]).isEqualTo((byte) 1);
            assertThat(new String(blob, 7, idLength, StandardCharsets.US_ASCII))
                    .isEqualTo(vector.get("keyId").asText());

            byte[] canonical = canonical(context(vector).pairs());
            assertThat(hex(canonical)).isEqualTo(vector.get("canonicalContext").asText());
            byte[] digest = new byte[32];
            SHA256Digest sha256 = new SHA256Digest();
            sha256.update(canonical, 0, canonical.length);
            sha256.doFinal(digest, 0);
            ByteArrayOutputStream fixed = new ByteArrayOutputStream();
            fixed.writeBytes("sallyport/v1/ciphertext-blob".getBytes(StandardCharsets.US_ASCII));
            fixed.write(0);
            fixed.write(blob, 0, commitmentAt);
            fixed.writeBytes(digest);
            fixed.writeBytes(new byte[] {0, 0, 2, 0});
            byte[] derived = Vectors.kbkdf(Vectors.bytes(vector, "keyMaterial"), fixed.toByteArray(), 64);
            assertThat(hex(Arrays.copyOf(derived, 32)))
                    .isEqualTo(vector.get("messageKey").asText());
            assertThat(Arrays.copyOfRange(derived, 32, 64))
                    .isEqualTo(Arrays.copyOfRange(blob, commitmentAt, commitmentAt + 32));

            ByteArrayOutputStream aad = new ByteArrayOutputStream();
            aad.write(blob, 0, commitmentAt + 32);
            aad.writeBytes(canonical);
            byte[] iv = Arrays.copyOfRange(blob, commitmentAt - 12, commitmentAt);
            byte[] sealed = Arrays.copyOfRange(blob, commitmentAt + 32, blob.length);
            assertThat(Vectors.openGcm(Arrays.copyOf(derived, 32), iv, aad.toByteArray(), sealed))
                    .isEqualTo(Vectors.bytes(vector, "plaintext"));
        }
    }

    private static ObjectNode generate() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("specification", "kms-core/docs/ciphertext-blob.md");
        ArrayNode vectors = root.putArray("vectors");
        ArrayNode invalid = root.putArray("invalid");
        Map<String, String> none = Map.of();
        Map<String, String> two = new LinkedHashMap<>();
        two.put("tenant", "a");
        two.put("aws:s3:arn", "arn:aws:s3:::bucket/key");
        Map<String, String> unicode = new LinkedHashMap<>();
        unicode.put("😀", "beyond the basic plane");
        unicode.put("\uffee", "sorts before it as UTF-8, after it as UTF-16");
        unicode.put("empty", "");
        vectors.add(vector("empty plaintext, no context", UUID, none, new byte[0]));
        vectors.add(vector("data key, no context", UUID, none, counting(0x80, 32)));
        vectors.add(vector("data key, two pairs", UUID, two, counting(0x80, 32)));
        vectors.add(vector("multi-Region key id", MRK, two, counting(0x80, 32)));
        ObjectNode last = vector("pairs sorted by UTF-8", UUID, unicode, "text".getBytes(StandardCharsets.UTF_8));
        vectors.add(last);

        byte[] blob = Vectors.bytes(last, "blob");
        invalid.add(invalid("one byte short", last, Arrays.copyOf(blob, blob.length - 1)));
        invalid.add(invalid("one byte more", last, Arrays.copyOf(blob, blob.length + 1)));
        invalid.add(invalid("empty", last, new byte[0]));
        String[] places = {"magic", "version", "suite", "length of key id", "key id"};
        int[] offsets = {0, 4, 5, 6, 7};
        for (int i = 0; i < places.length; i++) {
            invalid.add(invalid(places[i] + " altered", last, flip(blob, offsets[i])));
        }
        String[] after = {"key-material id", "nonce", "IV", "commitment", "ciphertext", "tag"};
        int[] afterOffsets = {43, 75, 91, 103, 135, 139};
        for (int i = 0; i < after.length; i++) {
            invalid.add(invalid(after[i] + " altered", last, flip(blob, afterOffsets[i])));
        }
        ObjectNode otherContext = invalid("another context", last, blob);
        otherContext.putObject("context").put("empty", "x");
        invalid.add(otherContext);
        ObjectNode otherMaterial = invalid("another key material", last, blob);
        otherMaterial.put("keyMaterial", hex(counting(1, 32)));
        invalid.add(otherMaterial);
        return root;
    }

    private static ObjectNode vector(String name, String keyId, Map<String, String> context, byte[] plaintext) {
        byte[] material = counting(0, 32);
        byte[] nonce = counting(0x40, 16);
        byte[] iv = counting(0x50, 12);
        String materialId = hex(counting(0x60, 32));
        Header header = Header.create(keyId, materialId, nonce, iv);
        EncryptionContext encryptionContext = new EncryptionContext(context);
        ObjectNode vector = JsonNodeFactory.instance.objectNode();
        vector.put("name", name);
        vector.put("keyMaterial", hex(material));
        vector.put("keyId", keyId);
        vector.put("materialId", materialId);
        vector.put("nonce", hex(nonce));
        vector.put("iv", hex(iv));
        ObjectNode pairs = vector.putObject("context");
        context.forEach(pairs::put);
        vector.put("canonicalContext", hex(encryptionContext.canonicalBytes()));
        vector.put("plaintext", hex(plaintext));
        try (SecretBytes secret = SecretBytes.copyOf(material);
                SecretBytes derived = CiphertextBlob.derive(secret, header, encryptionContext.canonicalBytes());
                SecretBytes key = derived.slice(0, 32)) {
            vector.put("messageKey", hex(key.exposeCopy()));
            vector.put("blob", hex(CiphertextBlob.seal(secret, header, encryptionContext, plaintext)));
        }
        return vector;
    }

    private static ObjectNode invalid(String name, ObjectNode valid, byte[] blob) {
        ObjectNode vector = JsonNodeFactory.instance.objectNode();
        vector.put("name", name);
        vector.set("keyMaterial", valid.get("keyMaterial"));
        vector.set("context", valid.get("context"));
        vector.put("blob", hex(blob));
        return vector;
    }

    private static byte[] flip(byte[] blob, int offset) {
        byte[] altered = blob.clone();
        altered[offset] ^= 0x01;
        return altered;
    }

    private static EncryptionContext context(JsonNode vector) {
        Map<String, String> pairs = new LinkedHashMap<>();
        vector.get("context")
                .properties()
                .forEach(e -> pairs.put(e.getKey(), e.getValue().asText()));
        return new EncryptionContext(pairs);
    }

    /** Sorted by hexadecimal text, which is the order of the bytes. */
    private static byte[] canonical(Map<String, String> pairs) {
        TreeMap<String, String> sorted = new TreeMap<>();
        pairs.forEach((key, value) ->
                sorted.put(hex(key.getBytes(StandardCharsets.UTF_8)), hex(value.getBytes(StandardCharsets.UTF_8))));
        StringBuilder text = new StringBuilder(hex(number(sorted.size())));
        sorted.forEach((key, value) -> text.append(hex(number(key.length() / 2)))
                .append(key)
                .append(hex(number(value.length() / 2)))
                .append(value));
        return java.util.HexFormat.of().parseHex(text);
    }

    private static byte[] number(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }
}

package dev.sallyport.volume.luks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.volume.keys.VolumeKeys;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.generators.PKCS5S2ParametersGenerator;
import org.bouncycastle.crypto.macs.HMac;
import org.bouncycastle.crypto.params.KeyParameter;
import org.junit.jupiter.api.Test;

/**
 * {@code vectors/luks2-token.json}: what this implementation writes, and a second one that knows only
 * {@code docs/luks2-token.md}. With {@code -Dsallyport.vectors.write=true} the file is written anew, which is right only
 * together with a new version of the format.
 */
class TokenVectorsTest {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final Path FILE = Path.of("src/test/resources/vectors/luks2-token.json");
    private static final HexFormat HEX = HexFormat.of();

    @Test
    void committedVectorsAreWhatIsWritten() throws IOException {
        String text = JSON.writeValueAsString(generate()) + "\n";
        if (Boolean.getBoolean("sallyport.vectors.write")) {
            Files.createDirectories(FILE.getParent());
            Files.writeString(FILE, text);
        }
        assertThat(Files.readString(FILE)).isEqualTo(text);
    }

    @Test
    void aReaderThatSharesNoCodeAgrees() throws IOException {
        JsonNode committed = JSON.readTree(Files.readAllBytes(FILE));
        assertThat(committed.path("tokens").size()).isEqualTo(4);
        for (JsonNode vector : committed.path("tokens")) {
            byte[] opened = HEX.parseHex(vector.path("opened").asText());
            byte[] macKey = Arrays.copyOfRange(opened, opened.length - 32, opened.length);
            byte[] volumeKey = Arrays.copyOf(opened, opened.length - 32);
            JsonNode token = vector.path("token");
            assertThat(context(token.path("encryption_context")))
                    .isEqualTo(HEX.parseHex(vector.path("context").asText()));
            ObjectNode bare = vector.path("digest").deepCopy();
            bare.remove("keyslots");
            assertThat(canonical(bare)).isEqualTo(vector.path("canonicalDigest").asText());
            assertThat(canonical(vector.path("segment")))
                    .isEqualTo(vector.path("canonicalSegment").asText());
            ByteArrayOutputStream input = new ByteArrayOutputStream();
            part(input, "sallyport-luks2-token-v1".getBytes(UTF_8));
            part(input, vector.path("uuid").asText().getBytes(UTF_8));
            part(input, canonical(bare).getBytes(UTF_8));
            part(input, canonical(vector.path("segment")).getBytes(UTF_8));
            part(input, context(token.path("encryption_context")));
            input.writeBytes(ByteBuffer.allocate(8)
                    .putLong(Long.parseLong(token.path("size").asText()))
                    .array());
            assertThat(Base64.getEncoder().encodeToString(hmac(macKey, input.toByteArray())))
                    .isEqualTo(token.path("mac").asText());
            assertThat(Base64.getEncoder().encodeToString(digest(vector.path("digest"), volumeKey)))
                    .isEqualTo(vector.path("digest").path("digest").asText());
        }
    }

    @Test
    void aSectorIsDecryptedByAReaderThatSharesNoCode() throws IOException {
        JsonNode committed = JSON.readTree(Files.readAllBytes(FILE));
        assertThat(committed.path("sectors").size()).isEqualTo(3);
        for (JsonNode vector : committed.path("sectors")) {
            byte[] key = HEX.parseHex(vector.path("volumeKey").asText());
            int size = vector.path("sectorSize").asInt();
            byte[] opened = xts(
                    key,
                    vector.path("position").asLong() / 512,
                    HEX.parseHex(vector.path("ciphertext").asText()));
            byte[] plain = new byte[size];
            for (int i = 0; i < size; i++) {
                plain[i] = (byte) (i + i / 256);
            }
            assertThat(opened).isEqualTo(Arrays.copyOf(plain, opened.length));
        }
    }

    private static ObjectNode generate() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("specification", "volume-agent/docs/luks2-token.md");
        root.put("plaintext", "byte i of every sector is (i + i / 256) mod 256; of each, the first 64 bytes are given");
        var tokens = root.putArray("tokens");
        tokens.add(token(64, "dynamic", 4096, 1L << 40, Map.of(), Map.of()));
        tokens.add(
                token(64, "dynamic", 4096, 4096, Map.of("team", "a", "é", "ü€𝄞", "\uFF61", "x", "𝄞", "y"), Map.of()));
        tokens.add(token(32, "1048576", 512, 1 << 20, Map.of("a", "b"), Map.of("z", "\u0001\n\"\\/\u007f")));
        tokens.add(token(
                64, "dynamic", 2048, 2048, Map.of(), Map.of("\uFF61", "halfwidth", "𝄞", "beyond the first plane")));
        var sectors = root.putArray("sectors");
        sectors.add(sector(64, 4096, 0));
        sectors.add(sector(64, 4096, 4096L * 1_000_000_007));
        sectors.add(sector(32, 512, 512L * 77));
        return root;
    }

    private static byte[] counting(int first, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (first + i);
        }
        return bytes;
    }

    private static ObjectNode token(
            int keyBytes,
            String segmentSize,
            int sector,
            long size,
            Map<String, String> pairs,
            Map<String, String> more) {
        String uuid = "6ba7b810-9dad-41d1-80b4-00c04fd430c8";
        byte[] opened = counting(0x20, keyBytes + 32);
        ObjectNode segment = JsonNodeFactory.instance.objectNode();
        segment.put("type", "crypt")
                .put("offset", "16777216")
                .put("size", segmentSize)
                .put("iv_tweak", "0")
                .put("encryption", "aes-xts-plain64")
                .put("sector_size", sector);
        new TreeMap<>(more).forEach(segment::put);
        Map<String, String> all = new LinkedHashMap<>(new TreeMap<>(pairs));
        all.put(VolumeKeys.VOLUME_ID, uuid);
        all.put(VolumeKeys.VOLUME_NAME, "disk.img");
        EncryptionContext context = new EncryptionContext(all);
        try (SecretBytes volumeKey = SecretBytes.copyOf(opened, 0, keyBytes);
                SecretBytes macKey = SecretBytes.copyOf(opened, keyBytes, 32)) {
            ObjectNode digest = Digest.create(volumeKey, counting(0x80, 32));
            digest.withArrayProperty("keyslots").add("0");
            ObjectNode bare = digest.deepCopy();
            bare.remove("keyslots");
            Token token = new Token(
                    "arn:aws:kms:us-east-1:000000000000:key/11111111-2222-4333-8444-555555555555",
                    counting(1, 40),
                    context,
                    size);
            ObjectNode json = token.json(uuid, digest, segment, macKey);
            assertThat(token.verify(json, uuid, digest, segment, macKey)).isTrue();
            ObjectNode vector = JsonNodeFactory.instance.objectNode();
            vector.put("uuid", uuid).put("opened", HEX.formatHex(opened));
            vector.set("digest", digest);
            vector.set("segment", segment);
            vector.put("canonicalDigest", Json.canonical(bare)).put("canonicalSegment", Json.canonical(segment));
            vector.put("context", HEX.formatHex(context.canonicalBytes()));
            vector.set("token", json);
            return vector;
        }
    }

    private static ObjectNode sector(int keyBytes, int size, long position) {
        byte[] data = new byte[size];
        for (int i = 0; i < size; i++) {
            data[i] = (byte) (i + i / 256);
        }
        byte[] key = counting(0x40, keyBytes);
        try (SecretBytes secret = SecretBytes.copyOf(key);
                XtsCipher cipher = new XtsCipher(secret, size)) {
            cipher.encrypt(data, 0, size, position);
        }
        ObjectNode vector = JsonNodeFactory.instance.objectNode();
        vector.put("volumeKey", HEX.formatHex(key))
                .put("sectorSize", size)
                .put("position", position)
                .put("ciphertext", HEX.formatHex(data, 0, 64));
        return vector;
    }

    // From here on: the document, by other means than the implementation's.

    private static void part(ByteArrayOutputStream out, byte[] bytes) {
        out.writeBytes(ByteBuffer.allocate(4).putInt(bytes.length).array());
        out.writeBytes(bytes);
    }

    private static byte[] context(JsonNode pairs) {
        List<byte[][]> sorted = new ArrayList<>();
        pairs.properties()
                .forEach(pair -> sorted.add(new byte[][] {
                    pair.getKey().getBytes(UTF_8), pair.getValue().asText().getBytes(UTF_8)
                }));
        sorted.sort(Comparator.comparing(pair -> pair[0], Arrays::compareUnsigned));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(ByteBuffer.allocate(4).putInt(sorted.size()).array());
        for (byte[][] pair : sorted) {
            part(out, pair[0]);
            part(out, pair[1]);
        }
        return out.toByteArray();
    }

    private static String canonical(JsonNode node) {
        if (node.isObject()) {
            List<String> names = new ArrayList<>();
            node.fieldNames().forEachRemaining(names::add);
            names.sort(String::compareTo);
            List<String> fields = new ArrayList<>();
            names.forEach(name -> fields.add(quoted(name) + ":" + canonical(node.path(name))));
            return "{" + String.join(",", fields) + "}";
        }
        if (node.isArray()) {
            List<String> elements = new ArrayList<>();
            node.forEach(element -> elements.add(canonical(element)));
            return "[" + String.join(",", elements) + "]";
        }
        return node.isTextual() ? quoted(node.asText()) : Long.toString(node.asLong());
    }

    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> out.append(c < 0x20 ? String.format("\\u%04X", (int) c) : Character.toString(c));
            }
        }
        return out.append('"').toString();
    }

    private static byte[] hmac(byte[] key, byte[] input) {
        HMac mac = new HMac(new SHA256Digest());
        mac.init(new KeyParameter(key));
        mac.update(input, 0, input.length);
        byte[] out = new byte[32];
        mac.doFinal(out, 0);
        return out;
    }

    private static byte[] digest(JsonNode digest, byte[] volumeKey) {
        PKCS5S2ParametersGenerator generator = new PKCS5S2ParametersGenerator(new SHA256Digest());
        generator.init(
                volumeKey,
                Base64.getDecoder().decode(digest.path("salt").asText()),
                digest.path("iterations").asInt());
        return ((KeyParameter) generator.generateDerivedMacParameters(256)).getKey();
    }

    /** IEEE 1619 block by block, for the first blocks of a sector. */
    private static byte[] xts(byte[] key, long tweakNumber, byte[] data) {
        var decrypt = AESEngine.newInstance();
        decrypt.init(false, new KeyParameter(key, 0, key.length / 2));
        var tweaks = AESEngine.newInstance();
        tweaks.init(true, new KeyParameter(key, key.length / 2, key.length / 2));
        byte[] tweak = ByteBuffer.allocate(16)
                .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                .putLong(tweakNumber)
                .array();
        tweaks.processBlock(tweak, 0, tweak, 0);
        byte[] out = data.clone();
        for (int at = 0; at < data.length; at += 16) {
            for (int i = 0; i < 16; i++) {
                out[at + i] ^= tweak[i];
            }
            decrypt.processBlock(out, at, out, at);
            int carry = 0;
            for (int i = 0; i < 16; i++) {
                out[at + i] ^= tweak[i];
                int next = (tweak[i] & 0xff) >> 7;
                tweak[i] = (byte) (tweak[i] << 1 | carry);
                carry = next;
            }
            tweak[0] ^= (byte) (carry * 0x87);
        }
        return out;
    }
}

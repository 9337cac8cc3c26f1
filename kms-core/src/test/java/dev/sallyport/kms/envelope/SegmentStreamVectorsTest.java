package dev.sallyport.kms.envelope;

import static dev.sallyport.kms.Vectors.counting;
import static dev.sallyport.kms.Vectors.hex;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.kms.Vectors;
import dev.sallyport.kms.crypto.Digests;
import dev.sallyport.kms.crypto.ProviderTest;
import dev.sallyport.kms.crypto.SecretBytes;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** {@code vectors/segment-stream.json}: what this implementation writes, and a second reader that knows only the document. */
class SegmentStreamVectorsTest {
    /** Longer streams are in the file by their digest and their tags. */
    private static final int WRITTEN_OUT = 100;

    @ProviderTest
    void committedVectorsAreWhatIsWritten() {
        JsonNode committed = Vectors.committed("segment-stream.json", generate());
        assertThat(committed.get("vectors").size()).isEqualTo(7);
    }

    @Test
    void aReaderThatSharesNoCodeOpensThem() throws Exception {
        for (JsonNode vector : generate().get("vectors")) {
            byte[] dataKey = Vectors.bytes(vector, "dataKey");
            int length = vector.get("length").asInt();
            byte[] sealed = seal(dataKey, Vectors.bytes(vector, "info"), length);
            assertThat(hex(Digests.sha256(sealed)))
                    .isEqualTo(vector.get("sealedSha256").asText());

            ByteArrayOutputStream fixed = new ByteArrayOutputStream();
            fixed.writeBytes("sallyport/v1/segment-stream".getBytes(StandardCharsets.US_ASCII));
            fixed.write(0);
            fixed.writeBytes(Vectors.bytes(vector, "info"));
            fixed.writeBytes(new byte[] {0, 0, 1, 0});
            byte[] key = Vectors.kbkdf(dataKey, fixed.toByteArray(), 32);
            assertThat(hex(key)).isEqualTo(vector.get("streamKey").asText());

            ByteArrayOutputStream plaintext = new ByteArrayOutputStream();
            int offset = 0;
            for (int index = 0; offset < sealed.length; index++) {
                int end = Math.min(sealed.length, offset + 65_552);
                byte[] nonce = ByteBuffer.allocate(12)
                        .putInt(7, index)
                        .put(11, (byte) (end == sealed.length ? 1 : 0))
                        .array();
                byte[] segment = Arrays.copyOfRange(sealed, offset, end);
                JsonNode listed = vector.get("segments").get(index);
                assertThat(hex(nonce)).isEqualTo(listed.get("nonce").asText());
                assertThat(hex(Arrays.copyOfRange(segment, segment.length - 16, segment.length)))
                        .isEqualTo(listed.get("tag").asText());
                plaintext.writeBytes(Vectors.openGcm(key, nonce, new byte[0], segment));
                offset = end;
            }
            assertThat(plaintext.toByteArray()).isEqualTo(plaintext(length));
        }
    }

    @Test
    void theCommitmentIsAsDocumented() {
        for (JsonNode vector : generate().get("commitments")) {
            byte[] label = "sallyport/v1/data-key-commitment".getBytes(StandardCharsets.US_ASCII);
            byte[] fixed = Arrays.copyOf(label, label.length + 5);
            fixed[label.length + 3] = 1;
            assertThat(hex(Vectors.kbkdf(Vectors.bytes(vector, "dataKey"), fixed, 32)))
                    .isEqualTo(vector.get("commitment").asText());
        }
    }

    private static ObjectNode generate() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("specification", "kms-core/docs/segment-stream.md");
        root.put("plaintext", "byte i of every plaintext is (i + i / 256) mod 256");
        ArrayNode vectors = root.putArray("vectors");
        for (int length : new int[] {0, 1, 16, 65_535, 65_536, 65_537, 200_000}) {
            vectors.add(vector(length));
        }
        ArrayNode commitments = root.putArray("commitments");
        for (byte[] dataKey : new byte[][] {new byte[32], counting(0, 32)}) {
            try (SecretBytes key = SecretBytes.copyOf(dataKey)) {
                ObjectNode commitment = commitments.addObject();
                commitment.put("dataKey", hex(dataKey));
                commitment.put("commitment", hex(CommittedKey.commitment(key)));
            }
        }
        return root;
    }

    private static ObjectNode vector(int length) {
        byte[] dataKey = counting(0x10, 32);
        byte[] info = ("vector of " + length).getBytes(StandardCharsets.US_ASCII);
        byte[] sealed = seal(dataKey, info, length);
        ObjectNode vector = JsonNodeFactory.instance.objectNode();
        vector.put("dataKey", hex(dataKey));
        vector.put("info", hex(info));
        vector.put("length", length);
        try (SecretBytes secret = SecretBytes.copyOf(dataKey);
                SecretBytes streamKey = SegmentKeys.streamKey(secret, info)) {
            vector.put("streamKey", hex(streamKey.exposeCopy()));
        }
        vector.put("sealedSha256", hex(Digests.sha256(sealed)));
        if (length <= WRITTEN_OUT) {
            vector.put("sealed", hex(sealed));
        }
        ArrayNode segments = vector.putArray("segments");
        long count = SegmentLayout.segmentCount(length);
        int end = 0;
        for (long index = 0; index < count; index++) {
            end += SegmentLayout.segmentLength(length, index) + SegmentLayout.TAG_BYTES;
            byte[] nonce = new byte[12];
            SegmentKeys.nonce(nonce, index, index == count - 1);
            segments.addObject().put("nonce", hex(nonce)).put("tag", hex(Arrays.copyOfRange(sealed, end - 16, end)));
        }
        return vector;
    }

    private static byte[] plaintext(int length) {
        byte[] plaintext = new byte[length];
        for (int i = 0; i < length; i++) {
            plaintext[i] = (byte) (i + i / 256);
        }
        return plaintext;
    }

    private static byte[] seal(byte[] dataKey, byte[] info, int length) {
        byte[] plaintext = plaintext(length);
        byte[] sealed = new byte[(int) SegmentLayout.sealedLength(length)];
        try (SecretBytes key = SecretBytes.copyOf(dataKey);
                Sealer sealer = new Sealer(key, info)) {
            long count = SegmentLayout.segmentCount(length);
            int from = 0;
            int to = 0;
            for (long index = 0; index < count; index++) {
                int size = SegmentLayout.segmentLength(length, index);
                to += sealer.seal(plaintext, from, size, index == count - 1, sealed, to);
                from += size;
            }
        }
        return sealed;
    }
}

package dev.sallyport.gateway.object;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sallyport.gateway.format.ContentFacts;
import dev.sallyport.gateway.format.Footer;
import dev.sallyport.gateway.format.Id128;
import dev.sallyport.gateway.format.Layout;
import dev.sallyport.gateway.format.Manifest;
import dev.sallyport.gateway.format.MetadataCodec;
import dev.sallyport.gateway.format.ObjectMetadata;
import dev.sallyport.gateway.format.Reading;
import dev.sallyport.gateway.format.SealedFacts;
import dev.sallyport.gateway.format.SizeFormula;
import dev.sallyport.gateway.format.Tail;
import dev.sallyport.kms.crypto.SecretBytes;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever was written by version 1 of the format is read, for ever. */
class ObjectFormatVectorsTest {
    static Stream<JsonNode> vectors() throws IOException {
        try (InputStream file = ObjectFormatVectorsTest.class.getResourceAsStream("/vectors/object-format.json")) {
            JsonNode all = new JsonMapper().readTree(Objects.requireNonNull(file));
            assertThat(all).hasSizeGreaterThanOrEqualTo(4);
            return StreamSupport.stream(all.spliterator(), false);
        }
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void isReadAsItWasWritten(JsonNode vector) {
        Map<String, String> headers = new HashMap<>();
        vector.get("headers")
                .properties()
                .forEach(
                        header -> headers.put(header.getKey(), header.getValue().textValue()));
        byte[] stored = Base64.getDecoder().decode(vector.get("stored").textValue());
        int length = vector.get("plaintextLength").intValue();
        byte[] expected = ObjectFormatVectors.plaintext(length);
        try (SecretBytes macKey = secret(vector, "macKey");
                SecretBytes dataKey = secret(vector, "dataKey")) {
            MetadataCodec codec = new MetadataCodec(ObjectFormatVectors.mac(macKey));
            ObjectMetadata metadata = codec.decode(
                    vector.get("metadata").textValue(),
                    vector.get("bucket").textValue(),
                    vector.get("key").textValue(),
                    headers);
            metadata.verifyKey(dataKey);
            assertThat(metadata.lengthOf(stored.length)).isEqualTo(length);
            assertThat(stored).hasSize((int) SizeFormula.storedSize(length));

            ContentFacts facts = facts(metadata, dataKey, stored);
            assertThat(facts).isEqualTo(ObjectFormatVectors.facts(expected));
            if (metadata.layout() != Layout.EMPTY) {
                assertThat(plaintext(reading(metadata, dataKey, stored), metadata, dataKey, stored))
                        .isEqualTo(expected);
            }
        }
    }

    private static ContentFacts facts(ObjectMetadata metadata, SecretBytes dataKey, byte[] stored) {
        byte[] sealed = metadata.sealedFacts();
        if (sealed != null) {
            return SealedFacts.open(dataKey, metadata.keys(), sealed);
        }
        byte[] tail = tail(stored);
        return metadata.layout() == Layout.SINGLE
                ? Tail.openFacts(dataKey, metadata.keys(), tail)
                : Manifest.openTail(dataKey, metadata.keys(), tail, stored.length)
                        .facts();
    }

    private static Reading reading(ObjectMetadata metadata, SecretBytes dataKey, byte[] stored) {
        Id128 nonce = metadata.nonce();
        return nonce != null
                ? Reading.wholeSingle(nonce, metadata.length())
                : Reading.wholeMultipart(Manifest.openTail(dataKey, metadata.keys(), tail(stored), stored.length));
    }

    private static byte[] plaintext(Reading reading, ObjectMetadata metadata, SecretBytes dataKey, byte[] stored) {
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        try (ReadingOpener opener = new ReadingOpener(reading, metadata.keys(), dataKey)) {
            opener.accept(Unpooled.wrappedBuffer(stored), plain::write);
            assertThat(opener.done()).isTrue();
        }
        return plain.toByteArray();
    }

    private static byte[] tail(byte[] stored) {
        return Arrays.copyOfRange(stored, stored.length - Footer.decode(stored).tailLength(), stored.length);
    }

    private static SecretBytes secret(JsonNode vector, String name) {
        return SecretBytes.takeOver(HexFormat.of().parseHex(vector.get(name).textValue()));
    }
}

package dev.sallyport.gateway.kmsapi;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.KmsException.Code;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Parses the body of a request: one JSON object in well-formed UTF-8, without duplicate names, of bounded size and depth.
 */
final class JsonBody {
    /** The longest body, in bytes: a key policy of 32 KiB, each of its characters escaped, and what stands around it. */
    static final int MAX_BYTES = 256 << 10;

    private static final int MAX_DEPTH = 16;
    private static final int MAX_NUMBER = 64;

    private static final ObjectReader READER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxNumberLength(MAX_NUMBER)
                            .maxStringLength(MAX_BYTES)
                            .maxDocumentLength(MAX_BYTES)
                            .build())
                    // names come from clients: nobody may fill a table of them that lives as long as the process
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build()
            .reader();

    private JsonBody() {}

    /**
     * The object; empty for an empty body.
     *
     * @throws KmsException {@code SerializationException}
     */
    static ObjectNode parse(byte[] body) {
        if (body.length == 0) {
            return JsonNodeFactory.instance.objectNode();
        }
        if (body.length > MAX_BYTES) {
            throw serialization("Request body is too large");
        }
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
        } catch (CharacterCodingException e) {
            throw serialization("Request body is not valid UTF-8");
        }
        JsonNode tree;
        try {
            tree = READER.readTree(text);
        } catch (IOException e) {
            throw serialization("Request body is not valid JSON");
        }
        if (!(tree instanceof ObjectNode object)) {
            throw serialization("Start of structure or map expected");
        }
        return object;
    }

    static KmsException serialization(String message) {
        return new KmsException(Code.SERIALIZATION, message);
    }
}

package dev.sallyport.gateway.sse;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sallyport.gateway.s3.S3Errors;
import dev.sallyport.gateway.s3.S3Exception;
import dev.sallyport.kms.EncryptionContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code x-amz-server-side-encryption-context}: base64 of a JSON object from strings to strings. */
public final class ContextHeader {
    private static final int MAX_LENGTH = 8192;
    private static final JsonMapper JSON = JsonMapper.builder(com.fasterxml.jackson.core.JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(4).build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private ContextHeader() {}

    /** @throws S3Exception {@code InvalidArgument} */
    static EncryptionContext parse(String header) {
        if (header.length() > MAX_LENGTH) {
            throw invalid(header.substring(0, 64) + "…");
        }
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(header));
            String text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
            JsonNode node = JSON.readTree(text);
            if (node == null || !node.isObject()) {
                throw invalid(header);
            }
            Map<String, String> pairs = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> pair : node.properties()) {
                if (!pair.getValue().isTextual() || pair.getKey().isEmpty()) {
                    throw invalid(header);
                }
                pairs.put(pair.getKey(), pair.getValue().textValue());
            }
            return new EncryptionContext(pairs);
        } catch (IOException | IllegalArgumentException e) {
            throw invalid(header);
        }
    }

    /** The header's value for a context, as answers echo it. */
    public static String render(EncryptionContext context) {
        try {
            return Base64.getEncoder().encodeToString(JSON.writeValueAsBytes(context.pairs()));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("strings are always JSON", e);
        }
    }

    static EncryptionContext without(EncryptionContext context, String pair) {
        Map<String, String> rest = new LinkedHashMap<>(context.pairs());
        rest.remove(pair);
        return new EncryptionContext(rest);
    }

    private static S3Exception invalid(String header) {
        return S3Errors.invalidArgument(
                "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 string holding JSON which represents a string-string map",
                "x-amz-server-side-encryption-context",
                header);
    }
}

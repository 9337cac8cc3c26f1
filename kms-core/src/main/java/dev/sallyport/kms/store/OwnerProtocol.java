package dev.sallyport.kms.store;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Lines of JSON in UTF-8 between a command and the owner of a key store. One request: {@code {"v":1,"command":…,
 * "arguments":{…}}}. Then any number of {@code {"data":"<base64>"}}, and one {@code {"result":…}} or {@code {"error":…,
 * "reason":…}}.
 */
final class OwnerProtocol {
    static final int VERSION = 1;
    static final int MAX_REQUEST = 256 * 1024;
    static final int MAX_RESPONSE = 8 * 1024 * 1024;

    /** Bytes of a file in one line. */
    static final int DATA = 48 * 1024;

    static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(16)
                            .maxStringLength(MAX_RESPONSE)
                            .build())
                    .build())
            .build();

    private OwnerProtocol() {}

    /**
     * One line, without its end; null at the end of the stream.
     *
     * @throws IOException also for a line that is too long or not JSON
     */
    static JsonNode readLine(InputStream in, int limit) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(1024);
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new IOException("the connection ended early");
            }
            if (line.size() >= limit) {
                throw new IOException("a line is too long");
            }
            line.write(b);
        }
        return MAPPER.readTree(line.toByteArray());
    }

    static void writeLine(OutputStream out, JsonNode json) throws IOException {
        byte[] bytes = MAPPER.writeValueAsBytes(json);
        out.write(bytes);
        out.write('\n');
        out.flush();
    }
}

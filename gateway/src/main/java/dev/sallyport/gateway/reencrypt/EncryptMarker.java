package dev.sallyport.gateway.reencrypt;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/** A file that says how far a run has come, so that the next one goes on from there; replaced whole each time. */
public final class EncryptMarker {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int MAX_BYTES = 64 * 1024;

    private final Path file;
    private final String run;

    /** @param endpoint with the settings, tells one run from another */
    public EncryptMarker(Path file, String endpoint, EncryptSettings settings) {
        this.file = file;
        this.run = String.join(
                "\n", endpoint, settings.bucket(), settings.prefix(), settings.keyArn(), "" + settings.bucketKey());
    }

    /**
     * The key up to which all was done; null to begin at the start.
     *
     * @throws IOException when it cannot be read, or belongs to another run
     */
    @Nullable String after() throws IOException {
        if (!Files.exists(file)) {
            return null;
        }
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_BYTES);
        }
        JsonNode json;
        try {
            json = JSON.readTree(bytes);
        } catch (IOException e) {
            throw new IOException(file + " is no state of a run: remove it to begin anew", e);
        }
        if (json.path("v").asInt() != 1 || !json.path("run").asText().equals(run)) {
            throw new IOException(file + " is the state of another run: name another file, or remove it");
        }
        return json.path("after").textValue();
    }

    void passed(String key) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        Files.write(
                next,
                JSON.writeValueAsBytes(
                        JSON.createObjectNode().put("v", 1).put("run", run).put("after", key)));
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    void remove() throws IOException {
        Files.deleteIfExists(file);
    }
}

package dev.sallyport.volume.transfer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * How far a copy has come, in a small file beside what it makes. What it says was durable before it was said.
 *
 * <pre>
 *   { "version": 1, "source": "file /data/disk.raw modified 2026-…", "size": 1073741824, "done": 268435456 }
 * </pre>
 */
public final class Journal {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int VERSION = 1;
    private static final int MAX_LENGTH = 64 * 1024;

    private final Path file;

    public Journal(Path file) {
        this.file = file;
    }

    /**
     * An entry; there is one at a time.
     *
     * @param source see {@link Source#identity()}
     * @param size of the source in bytes
     * @param done bytes that are durable at the target
     */
    public record Entry(String source, long size, long done) {}

    /** @throws TransferException when there is one that cannot be read */
    public Optional<Entry> read() throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            JsonNode json = Files.size(file) > MAX_LENGTH ? JSON.nullNode() : JSON.readTree(Files.readAllBytes(file));
            Entry entry = new Entry(
                    json.path("source").asText(),
                    json.path("size").asLong(-1),
                    json.path("done").asLong(-1));
            if (json.path("version").asInt() == VERSION && entry.done() >= 0 && entry.done() <= entry.size()) {
                return Optional.of(entry);
            }
        } catch (JsonProcessingException e) {
            throw damaged();
        }
        throw damaged();
    }

    private TransferException damaged() {
        return new TransferException(file + " is damaged or of another version; start over with --restart");
    }

    /** Replaces what it said, durably. */
    public void write(Entry entry) throws IOException {
        byte[] bytes = JSON.createObjectNode()
                .put("version", VERSION)
                .put("source", entry.source())
                .put("size", entry.size())
                .put("done", entry.done())
                .toString()
                .getBytes(StandardCharsets.UTF_8);
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel channel = FileChannel.open(
                fresh, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        syncDirectory();
    }

    public void delete() throws IOException {
        Files.deleteIfExists(file);
        syncDirectory();
    }

    private void syncDirectory() throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory != null) {
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }
}

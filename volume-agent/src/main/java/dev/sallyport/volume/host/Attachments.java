package dev.sallyport.volume.host;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Who serves which image on this host: one small file each in a directory of mode 0700. What died is left out. */
public final class Attachments {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path directory;

    public Attachments(Path directory) {
        this.directory = directory;
    }

    /** In SALLYPORT_RUNTIME_DIR, else XDG_RUNTIME_DIR/sallyport, else a directory of the user's in the temporary one. */
    public static Attachments ofUser() {
        String own = System.getenv("SALLYPORT_RUNTIME_DIR");
        String user = System.getenv("XDG_RUNTIME_DIR");
        Path directory = own != null
                ? Path.of(own)
                : user != null
                        ? Path.of(user, "sallyport")
                        : Path.of(System.getProperty("java.io.tmpdir"), "sallyport-" + System.getProperty("user.name"));
        return new Attachments(directory);
    }

    /**
     * One attachment.
     *
     * @param volume the image's uuid
     * @param image absolute path
     * @param uri where NBD clients find it
     * @param pid of the process that serves it
     * @param started when that process started, in milliseconds since 1970: a pid alone may be another's by now
     */
    public record Attachment(String volume, String image, String uri, long pid, long started) {
        /** The process, if it still is that one. */
        public Optional<ProcessHandle> process() {
            return ProcessHandle.of(pid).filter(process -> startOf(process) == started);
        }
    }

    /** Says that this process serves an image. */
    public void add(String volume, Path image, String uri) throws IOException {
        Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        requireOwn();
        ProcessHandle self = ProcessHandle.current();
        ObjectNode json = JSON.createObjectNode()
                .put("volume", volume)
                .put("image", image.toAbsolutePath().toString())
                .put("uri", uri)
                .put("pid", self.pid())
                .put("started", startOf(self));
        Path temporary = Files.createTempFile(directory, ".", ".new");
        Files.write(temporary, JSON.writeValueAsBytes(json));
        Files.move(temporary, file(volume), StandardCopyOption.ATOMIC_MOVE);
    }

    public void remove(String volume) throws IOException {
        Files.deleteIfExists(file(volume));
    }

    /** Those whose processes live. */
    public List<Attachment> list() throws IOException {
        List<Attachment> all = new ArrayList<>();
        if (!Files.isDirectory(directory)) {
            return all;
        }
        requireOwn();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.json")) {
            for (Path file : files) {
                JsonNode json = JSON.readTree(Files.readAllBytes(file));
                Attachment attachment = new Attachment(
                        json.path("volume").asText(),
                        json.path("image").asText(),
                        json.path("uri").asText(),
                        json.path("pid").asLong(),
                        json.path("started").asLong());
                if (attachment.process().isPresent()) {
                    all.add(attachment);
                }
            }
        }
        return all;
    }

    /** Who can write here can name the processes that {@code detach} ends; another may have made the directory first. */
    private void requireOwn() throws IOException {
        Set<PosixFilePermission> others = EnumSet.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);
        others.retainAll(Files.getPosixFilePermissions(directory, LinkOption.NOFOLLOW_LINKS));
        UserPrincipal self = directory
                .getFileSystem()
                .getUserPrincipalLookupService()
                .lookupPrincipalByName(System.getProperty("user.name"));
        if (!others.isEmpty()
                || !Files.getOwner(directory, LinkOption.NOFOLLOW_LINKS).equals(self)) {
            throw new IOException(directory + " is not this user's alone; set SALLYPORT_RUNTIME_DIR to one that is");
        }
    }

    private static long startOf(ProcessHandle process) {
        return process.info()
                .startInstant()
                .map(java.time.Instant::toEpochMilli)
                .orElse(0L);
    }

    private Path file(String volume) {
        return directory.resolve(volume.replaceAll("[^0-9A-Za-z-]", "_") + ".json");
    }
}

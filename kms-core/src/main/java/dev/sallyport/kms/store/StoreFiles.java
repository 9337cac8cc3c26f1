package dev.sallyport.kms.store;

import dev.sallyport.kms.store.StoreException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/** The files of one key store directory, their names and their modes. */
public final class StoreFiles {
    static final FileAttribute<Set<PosixFilePermission>> MODE_0600 =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<Set<PosixFilePermission>> MODE_0700 =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    /** The longest path of a unix socket that every supported system takes, in bytes (macOS has 104 with a zero byte). */
    private static final int MAX_SOCKET_PATH = 103;

    private final Path directory;

    public StoreFiles(Path directory) {
        this.directory = directory.toAbsolutePath().normalize();
        if (this.directory.toString().indexOf('?') >= 0) {
            throw new StoreException(
                    Reason.MISPLACED, "the path of a key store must not contain '?': " + this.directory);
        }
    }

    public Path directory() {
        return directory;
    }

    /** The SQLite database. */
    public Path database() {
        return directory.resolve("keystore.db");
    }

    /** The seals of the root key; its presence makes the directory a key store. */
    public Path seals() {
        return directory.resolve("seals.json");
    }

    /** Locked by the process that owns the store, and holding its process id. */
    public Path lock() {
        return directory.resolve("lock");
    }

    /** Where the audit journal goes. */
    public Path audit() {
        return directory.resolve("audit");
    }

    /**
     * The unix socket on which the owner takes commands.
     *
     * @throws StoreException {@code MISPLACED} when the path is too long for one
     */
    public Path socket() {
        Path socket = directory.resolve("owner.sock");
        int length = socket.toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > MAX_SOCKET_PATH) {
            throw new StoreException(
                    Reason.MISPLACED,
                    "the path " + socket + " has " + length + " bytes, more than a unix socket can have (103):"
                            + " choose a shorter directory for the key store");
        }
        return socket;
    }

    boolean isKeyStore() {
        return Files.exists(seals());
    }

    /** Makes the directory, mode 0700, and its parents; one that is there must be empty of key stores. */
    void createDirectory() {
        socket();
        try {
            if (!Files.isDirectory(directory)) {
                Path parent = directory.getParent();
                if (parent != null) {
                    Files.createDirectories(parent);
                }
                Files.createDirectory(directory, MODE_0700);
                if (parent != null) {
                    syncDirectory(parent);
                }
            } else {
                Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
            }
        } catch (IOException e) {
            throw new StoreException(
                    Reason.IO, "cannot make the key store directory " + directory + ": " + describe(e));
        }
        if (isKeyStore()) {
            throw new StoreException(Reason.MISPLACED, directory + " holds a key store already");
        }
        if (Files.exists(database())) {
            throw new StoreException(
                    Reason.MISPLACED,
                    directory + " holds keystore.db but no seals.json: an init that did not finish, or a lost file;"
                            + " move it away first");
        }
    }

    /**
     * Refuses a directory that holds no key store.
     *
     * @throws StoreException {@code MISPLACED}
     */
    public void requireKeyStore() {
        if (!isKeyStore() || !Files.exists(database())) {
            String missing = isKeyStore() ? "keystore.db" : "seals.json";
            throw new StoreException(
                    Reason.MISPLACED,
                    directory + " is no key store (it has no " + missing + "): make one with `sallyport init`");
        }
    }

    /** Refuses a directory that holds no key store, or one that others can read or change. */
    void check() {
        requireKeyStore();
        checkMode(directory, EnumSet.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE), "700");
        Set<PosixFilePermission> others = PosixFilePermissions.fromString("---rwxrwx");
        checkMode(seals(), others, "600");
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "keystore.db*")) {
            for (Path file : files) {
                checkMode(file, others, "600");
            }
        } catch (IOException e) {
            throw new StoreException(Reason.IO, "cannot list " + directory + ": " + describe(e));
        }
    }

    private static void checkMode(Path file, Set<PosixFilePermission> refused, String mode) {
        try {
            Set<PosixFilePermission> granted = EnumSet.copyOf(Files.getPosixFilePermissions(file));
            granted.retainAll(refused);
            if (!granted.isEmpty()) {
                throw new StoreException(
                        Reason.PERMISSIONS, file + " is open to group or others: chmod " + mode + " it");
            }
        } catch (IOException e) {
            throw new StoreException(Reason.IO, "cannot read the mode of " + file + ": " + describe(e));
        }
    }

    /** An empty database file of mode 0600, whose mode SQLite gives to the files beside it. */
    void createDatabaseFile() {
        try {
            Files.createFile(database(), MODE_0600);
        } catch (IOException e) {
            throw new StoreException(Reason.IO, "cannot create " + database() + ": " + describe(e));
        }
    }

    byte[] readSeals(int limit) {
        return readAtMost(seals(), limit);
    }

    static byte[] readAtMost(Path file, int limit) {
        try (var in = Files.newInputStream(file)) {
            return in.readNBytes(limit);
        } catch (IOException e) {
            throw new StoreException(Reason.IO, "cannot read " + file + ": " + describe(e));
        }
    }

    /** Replaces {@code target} as a whole: after a crash it is the old or the new one, and the new one once this returns. */
    static void writeAtomically(Path target, byte[] content) {
        Path parent = target.toAbsolutePath().getParent();
        Path temporary = target.resolveSibling(target.getFileName() + ".new");
        try {
            Files.deleteIfExists(temporary);
            try (FileChannel channel = FileChannel.open(
                    temporary, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), MODE_0600)) {
                ByteBuffer buffer = ByteBuffer.wrap(content);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                channel.force(true);
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            if (parent != null) {
                syncDirectory(parent);
            }
        } catch (IOException e) {
            throw new StoreException(
                    isFull(e) ? Reason.FULL : Reason.IO, "cannot write " + target + ": " + describe(e));
        }
    }

    static void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory)) {
            channel.force(true);
        }
    }

    static boolean isFull(IOException e) {
        String message = e.getMessage();
        return message != null && (message.contains("No space left") || message.contains("quota exceeded"));
    }

    /** The failure in a few words; the class's name where an exception carries the path only. */
    static String describe(IOException e) {
        String message = e.getMessage();
        return e.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    }
}

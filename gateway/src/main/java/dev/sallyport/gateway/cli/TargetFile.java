package dev.sallyport.gateway.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A file that gets its name when all of it is written and durable: until then it lies beside, under a temporary name, mode
 * 0600, and is gone again when the command fails or is interrupted. What has the name already stays, unless told otherwise.
 */
final class TargetFile implements AutoCloseable {
    private final Path path;
    private final Path partial;
    private final boolean force;
    private final FileChannel channel;
    private final Thread cleaner;

    private TargetFile(Path path, Path partial, boolean force, FileChannel channel) {
        this.path = path;
        this.partial = partial;
        this.force = force;
        this.channel = channel;
        cleaner = new Thread(this::delete, "partial-file");
        Runtime.getRuntime().addShutdownHook(cleaner);
    }

    /** @param force replace a regular file that is there */
    static TargetFile create(Path path, boolean force) {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            if (!force) {
                throw exists(path);
            }
            if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
                throw new CommandFailedException(ExitCode.FAILED, path + " is no regular file: it is not replaced");
            }
        }
        byte[] random = new byte[6];
        ThreadLocalRandom.current().nextBytes(random);
        Path partial = path.resolveSibling(
                "." + path.getFileName() + "." + HexFormat.of().formatHex(random) + ".partial");
        try {
            return new TargetFile(
                    path,
                    partial,
                    force,
                    FileChannel.open(
                            partial,
                            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))));
        } catch (IOException e) {
            throw failed(path, e);
        }
    }

    OutputStream stream() {
        return Channels.newOutputStream(channel);
    }

    /** Makes the content durable, and only then gives it its name. */
    void publish() {
        try {
            channel.force(true);
            if (force) {
                Files.move(partial, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } else {
                withoutReplacing();
            }
            try (FileChannel directory = FileChannel.open(
                    Objects.requireNonNullElse(path.toAbsolutePath().getParent(), Path.of("/")))) {
                directory.force(true);
            }
        } catch (FileAlreadyExistsException e) {
            throw exists(path);
        } catch (IOException e) {
            throw failed(path, e);
        }
    }

    /** A second name, since a rename replaces what has appeared there in the meantime. */
    private void withoutReplacing() throws IOException {
        try {
            Files.createLink(path, partial);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (IOException | UnsupportedOperationException e) {
            // A file system without hard links.
            if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                throw new FileAlreadyExistsException(path.toString());
            }
            Files.move(partial, path, StandardCopyOption.ATOMIC_MOVE);
            return;
        }
        Files.delete(partial);
    }

    private void delete() {
        try {
            Files.deleteIfExists(partial);
        } catch (IOException e) {
            // The failure that the command reports is the one that led here.
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw failed(path, e);
        } finally {
            delete();
            try {
                Runtime.getRuntime().removeShutdownHook(cleaner);
            } catch (IllegalStateException e) {
                // The hook is running: it does the same.
            }
        }
    }

    private static CommandFailedException exists(Path path) {
        return new CommandFailedException(ExitCode.FAILED, "the file " + path + " exists already; --force replaces it");
    }

    private static CommandFailedException failed(Path path, IOException e) {
        return new CommandFailedException(
                ExitCode.FAILED, "cannot write " + path + ": " + e.getClass().getSimpleName() + ": " + e.getMessage());
    }
}

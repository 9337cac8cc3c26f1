package dev.sallyport.gateway.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * A file that a command makes: mode 0600, never over another one, durable once kept, and gone again unless it was kept.
 */
final class NewFile implements AutoCloseable {
    private final Path path;
    private final FileChannel channel;
    private boolean kept;

    private NewFile(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    static NewFile create(Path path) {
        try {
            return new NewFile(
                    path,
                    FileChannel.open(
                            path,
                            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))));
        } catch (FileAlreadyExistsException e) {
            throw new CommandFailedException(
                    ExitCode.FAILED, "the file " + path + " exists already: it is never overwritten");
        } catch (IOException e) {
            throw failed(path, e);
        }
    }

    OutputStream stream() {
        return Channels.newOutputStream(channel);
    }

    void write(byte[] bytes) {
        try {
            stream().write(bytes);
        } catch (IOException e) {
            throw failed(path, e);
        }
    }

    /** Makes content and name durable; only then does the file stay. */
    void keep() {
        try {
            channel.force(true);
            Path parent = path.toAbsolutePath().getParent();
            if (parent != null) {
                try (FileChannel directory = FileChannel.open(parent)) {
                    directory.force(true);
                }
            }
            kept = true;
        } catch (IOException e) {
            throw failed(path, e);
        }
    }

    private static CommandFailedException failed(Path path, IOException e) {
        return new CommandFailedException(
                ExitCode.FAILED, "cannot write " + path + ": " + e.getClass().getSimpleName() + ": " + e.getMessage());
    }

    @Override
    public void close() {
        try {
            channel.close();
            if (!kept) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw failed(path, e);
        }
    }
}

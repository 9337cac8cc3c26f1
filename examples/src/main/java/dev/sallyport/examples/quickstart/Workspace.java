package dev.sallyport.examples.quickstart;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The directory of one run, emptied at its start, and held for it by a lock. */
final class Workspace implements AutoCloseable {
    private final Path directory;
    private final FileChannel lock;

    private Workspace(Path directory, FileChannel lock) {
        this.directory = directory;
        this.lock = lock;
    }

    /**
     * Takes {@code directory}. While another quickstart serves from it, a check takes a neighbour of its own instead.
     *
     * @throws QuickstartException if another quickstart holds it
     */
    static Workspace open(Path directory, boolean check) throws IOException {
        Files.createDirectories(parent(directory));
        Path taken = directory;
        FileChannel lock = tryLock(taken);
        if (lock == null && check) {
            taken = directory.resolveSibling("quickstart-check");
            lock = tryLock(taken);
        }
        if (lock == null) {
            throw new QuickstartException("another quickstart is serving from " + taken + "; interrupt it first");
        }
        deleteTree(taken);
        Files.createDirectory(
                taken, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        return new Workspace(taken, lock);
    }

    private static @Nullable FileChannel tryLock(Path directory) throws IOException {
        FileChannel channel = FileChannel.open(
                directory.resolveSibling(directory.getFileName() + ".lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock();
        if (lock == null) {
            channel.close();
            return null;
        }
        return channel;
    }

    private static Path parent(Path path) {
        Path parent = path.getParent();
        if (parent == null) {
            throw new QuickstartException("no directory is above " + path);
        }
        return parent;
    }

    Path directory() {
        return directory;
    }

    private static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(root)) {
            List<Path> deepestFirst = paths.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.deleteIfExists(path);
            }
        }
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}

package dev.sallyport.kms.store;

import dev.sallyport.kms.store.StoreException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * Ownership of a key store: an operating system's lock on a file beside it, so that it ends with the process, however that
 * ends. The file also holds the owner's process id, for the message that another process prints.
 */
final class OwnerLock implements AutoCloseable {
    private final FileChannel channel;

    private OwnerLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes the lock.
     *
     * @throws StoreException {@code IN_USE} when another process, or another store object of this one, has it
     */
    static OwnerLock acquire(StoreFiles files) {
        Path path = files.lock();
        FileChannel channel;
        try {
            channel = FileChannel.open(
                    path,
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                    StoreFiles.MODE_0600);
        } catch (IOException e) {
            throw new StoreException(Reason.IO, "cannot open " + path + ": " + StoreFiles.describe(e));
        }
        boolean locked = false;
        try {
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw inUse(files, channel);
            }
            channel.truncate(0);
            channel.write(
                    ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)));
            locked = true;
            return new OwnerLock(channel);
        } catch (OverlappingFileLockException e) {
            throw inUse(files, channel);
        } catch (IOException e) {
            throw new StoreException(Reason.IO, "cannot lock " + path + ": " + StoreFiles.describe(e));
        } finally {
            if (!locked) {
                closeQuietly(channel);
            }
        }
    }

    private static StoreException inUse(StoreFiles files, FileChannel channel) {
        String owner = "another process";
        try {
            ByteBuffer buffer = ByteBuffer.allocate(20);
            channel.read(buffer, 0);
            String pid = new String(buffer.array(), 0, buffer.position(), StandardCharsets.US_ASCII);
            if (pid.matches("[0-9]+")) {
                owner = "process " + pid;
            }
        } catch (IOException e) {
            // the lock is what counts; the process id only helps
        }
        return new StoreException(Reason.IN_USE, "key store " + files.directory() + " is in use by " + owner);
    }

    @Override
    public void close() {
        closeQuietly(channel);
    }

    private static void closeQuietly(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // closing a lock file loses nothing
        }
    }
}

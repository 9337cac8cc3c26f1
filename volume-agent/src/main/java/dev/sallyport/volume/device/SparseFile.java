package dev.sallyport.volume.device;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Holes of a file: {@code fallocate(2)} punches them, {@code lseek(2)} finds them. On systems without these calls nothing
 * is punched, and all is data.
 */
public final class SparseFile implements AutoCloseable {
    private final int fd;
    private final boolean inMemory;

    private SparseFile(int fd, boolean inMemory) {
        this.fd = fd;
        this.inMemory = inMemory;
    }

    /** Opens the holes of a file; for punching too, where it may be written. */
    public static SparseFile open(Path path) throws IOException {
        if (!Native.AVAILABLE) {
            return new SparseFile(-1, false);
        }
        String name = path.toAbsolutePath().toString();
        int fd = Native.open(name, Native.O_RDWR | Native.O_CLOEXEC);
        if (fd < 0) {
            fd = Native.open(name, Native.O_RDONLY | Native.O_CLOEXEC);
        }
        if (fd < 0) {
            throw new IOException("cannot open " + path + ": errno " + -fd);
        }
        return new SparseFile(fd, Native.inMemory(fd));
    }

    /** Reads what the page cache holds, whole or not at all. */
    boolean readCached(long position, byte[] into, int offset, int length) throws IOException {
        return fd >= 0 && Native.readCached(fd, inMemory, into, offset, length, position);
    }

    /** Makes the range a hole; a file system that cannot keeps the data, which TRIM allows. */
    public void punch(long offset, long length) throws IOException {
        if (fd < 0) {
            return;
        }
        int result = Native.fallocate(fd, Native.FALLOC_FL_PUNCH_HOLE | Native.FALLOC_FL_KEEP_SIZE, offset, length);
        if (result < 0 && result != -Native.EOPNOTSUPP) {
            throw new IOException("cannot punch a hole: errno " + -result);
        }
    }

    /** What lies at {@code offset}: data or hole, and how far, at most {@code limit} bytes. */
    public BlockDevice.Extent extent(long offset, long limit) throws IOException {
        if (fd < 0) {
            return new BlockDevice.Extent(limit, false);
        }
        long data = Native.lseek(fd, offset, Native.SEEK_DATA);
        if (data == -Native.ENXIO) {
            return new BlockDevice.Extent(limit, true);
        }
        if (data < 0) {
            return new BlockDevice.Extent(limit, false);
        }
        if (data > offset) {
            return new BlockDevice.Extent(Math.min(limit, data - offset), true);
        }
        long hole = Native.lseek(fd, offset, Native.SEEK_HOLE);
        return new BlockDevice.Extent(hole > offset ? Math.min(limit, hole - offset) : limit, false);
    }

    @Override
    public void close() throws IOException {
        if (fd >= 0) {
            Native.close(fd);
        }
    }
}

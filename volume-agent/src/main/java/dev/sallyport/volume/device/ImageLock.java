package dev.sallyport.volume.device;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Keeps other writers away from an image for as long as it is held, also after {@code kill -9}: a lock of the open file
 * description ({@code fcntl(2)}, F_OFD_SETLK) over the whole file. QEMU heeds it; {@code cryptsetup luksDump}, which takes
 * {@code flock(2)}, still works. On systems without it nothing is locked.
 */
public final class ImageLock implements AutoCloseable {
    private final int fd;

    private ImageLock(int fd) {
        this.fd = fd;
    }

    /** Holds nothing. */
    public static ImageLock none() {
        return new ImageLock(-1);
    }

    /**
     * @param shared among readers; else nobody may hold another
     * @throws ImageInUseException when another process holds one that excludes this
     */
    public static ImageLock take(Path image, boolean shared) throws IOException {
        if (!Native.AVAILABLE) {
            return new ImageLock(-1);
        }
        int flags = (shared ? Native.O_RDONLY : Native.O_RDWR) | Native.O_CLOEXEC;
        int fd = Native.open(image.toAbsolutePath().toString(), flags);
        if (fd < 0) {
            throw new IOException("cannot open " + image + ": errno " + -fd);
        }
        int result = Native.lock(fd, shared);
        if (result < 0) {
            Native.close(fd);
            if (result == -Native.EAGAIN || result == -Native.EACCES) {
                throw new ImageInUseException(image);
            }
            throw new IOException("cannot lock " + image + ": errno " + -result);
        }
        return new ImageLock(fd);
    }

    @Override
    public void close() throws IOException {
        if (fd >= 0) {
            Native.close(fd);
        }
    }
}

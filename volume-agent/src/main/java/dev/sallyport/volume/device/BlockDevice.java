package dev.sallyport.volume.device;

import java.io.IOException;

/**
 * A device of {@link #size()} bytes in the clear, addressed by byte. Callers have validated offset and length. Methods are
 * safe for use by several threads; what overlapping writes leave is one or the other, sector by sector.
 */
public interface BlockDevice extends AutoCloseable {
    /** In bytes. */
    long size();

    /** Whether writes are refused at the moment, with EPERM. */
    default boolean writesRefused() {
        return false;
    }

    /** Sectors are read, changed and written whole: requests aligned to this are the cheap ones. */
    int sectorSize();

    void read(long position, byte[] into, int offset, int length) throws IOException;

    /**
     * Reads if that needs no wait for the disk.
     *
     * @return whether it did; if not, {@code into} holds nothing of use
     */
    boolean readNow(long position, byte[] into, int offset, int length) throws IOException;

    /**
     * Writes if that needs no wait: whole sectors, into the page cache.
     *
     * @return whether it did; if not, {@code from} is as it was
     */
    boolean writeNow(long position, byte[] from, int offset, int length) throws IOException;

    /** Writes; the content of {@code from} may be overwritten with ciphertext. */
    void write(long position, byte[] from, int offset, int length) throws IOException;

    /** Makes everything durable whose write has returned. */
    void flush() throws IOException;

    /** What was in the range is no longer needed; its content is undefined from now on. */
    void trim(long position, long length) throws IOException;

    /** Makes the range read as zeros. */
    void writeZeroes(long position, long length) throws IOException;

    /**
     * Whether the bytes from {@code position} on were ever written, and for how many bytes that holds (at least one, at
     * most {@code limit}).
     */
    Extent extent(long position, long limit) throws IOException;

    @Override
    void close() throws IOException;

    /**
     * A run of bytes of one kind.
     *
     * @param length in bytes
     * @param hole never written, or trimmed
     */
    record Extent(long length, boolean hole) {}
}

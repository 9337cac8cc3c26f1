package dev.sallyport.volume.transfer;

import java.io.IOException;

/** Where a copy goes. It can be read again, to be compared. */
public interface Target extends AutoCloseable {
    /** The content of {@code from} may be overwritten. */
    void write(long position, byte[] from, int length) throws IOException;

    /** A hole of the source. */
    void hole(long position, long length) throws IOException;

    void read(long position, byte[] into, int length) throws IOException;

    /** Makes durable what was written. */
    void flush() throws IOException;

    @Override
    void close() throws IOException;
}

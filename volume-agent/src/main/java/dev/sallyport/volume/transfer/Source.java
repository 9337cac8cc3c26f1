package dev.sallyport.volume.transfer;

import java.io.IOException;

/** What is copied. */
public interface Source extends AutoCloseable {
    /** In bytes. */
    long size();

    /**
     * Tells one source, in one state, from others, as far as that can be known without reading it. An interrupted copy goes
     * on only from a source that says the same.
     */
    String identity() throws IOException;

    /** What lies at {@code position}: data or a hole, and for how many bytes, at least one and at most {@code limit}. */
    Run run(long position, long limit) throws IOException;

    void read(long position, byte[] into, int length) throws IOException;

    @Override
    void close() throws IOException;

    /** A run of bytes of one kind. */
    record Run(long length, boolean hole) {}
}

package dev.sallyport.volume.transfer;

import java.io.IOException;
import java.io.OutputStream;

/** A stream that takes a volume's bytes in their order. It cannot be read again. */
public final class RawStream implements Target {
    private static final byte[] ZEROES = new byte[64 * 1024];

    private final OutputStream out;

    /** @param out closed by who made it */
    public RawStream(OutputStream out) {
        this.out = out;
    }

    @Override
    public void write(long position, byte[] from, int length) throws IOException {
        out.write(from, 0, length);
    }

    @Override
    public void hole(long position, long length) throws IOException {
        for (long done = 0; done < length; done += ZEROES.length) {
            out.write(ZEROES, 0, (int) Math.min(ZEROES.length, length - done));
        }
    }

    @Override
    public void read(long position, byte[] into, int length) {
        throw new UnsupportedOperationException("a stream is not read again");
    }

    @Override
    public void flush() throws IOException {
        out.flush();
    }

    @Override
    public void close() {}
}

package dev.sallyport.volume.testing;

import dev.sallyport.volume.device.BlockDevice;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A device whose disk is an array: it counts what reaches it, and fails or waits when told. */
public final class MemoryDevice implements BlockDevice {
    public final byte[] bytes;
    public final AtomicInteger calls = new AtomicInteger();
    public final AtomicInteger flushes = new AtomicInteger();
    public volatile boolean now = true;
    public volatile boolean writesRefused;
    public volatile @Nullable IOException failure;
    public volatile long failsFrom;
    public volatile @Nullable CountDownLatch gate;

    public MemoryDevice(int size) {
        bytes = new byte[size];
    }

    private void called(long position, int length) throws IOException {
        calls.incrementAndGet();
        CountDownLatch closed = gate;
        try {
            if (closed != null && !closed.await(30, TimeUnit.SECONDS)) {
                throw new IOException("the test forgot to open the gate");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        IOException configured = failure;
        if (configured != null && position + length > failsFrom) {
            throw configured;
        }
    }

    @Override
    public long size() {
        return bytes.length;
    }

    @Override
    public boolean writesRefused() {
        return writesRefused;
    }

    @Override
    public int sectorSize() {
        return 4096;
    }

    @Override
    public void read(long position, byte[] into, int offset, int length) throws IOException {
        called(position, length);
        System.arraycopy(bytes, (int) position, into, offset, length);
    }

    @Override
    public boolean readNow(long position, byte[] into, int offset, int length) throws IOException {
        if (now) {
            read(position, into, offset, length);
        }
        return now;
    }

    @Override
    public boolean writeNow(long position, byte[] from, int offset, int length) throws IOException {
        if (now) {
            write(position, from, offset, length);
        }
        return now;
    }

    @Override
    public void write(long position, byte[] from, int offset, int length) throws IOException {
        called(position, length);
        System.arraycopy(from, offset, bytes, (int) position, length);
    }

    @Override
    public void flush() throws IOException {
        called(0, 0);
        flushes.incrementAndGet();
    }

    @Override
    public void trim(long position, long length) throws IOException {
        called(position, (int) length);
    }

    @Override
    public void writeZeroes(long position, long length) throws IOException {
        write(position, new byte[(int) length], 0, (int) length);
    }

    /** The first half is data and the second a hole. */
    @Override
    public Extent extent(long position, long limit) {
        calls.incrementAndGet();
        long half = bytes.length / 2;
        return position < half ? new Extent(Math.min(limit, half - position), false) : new Extent(limit, true);
    }

    @Override
    public void close() {}
}

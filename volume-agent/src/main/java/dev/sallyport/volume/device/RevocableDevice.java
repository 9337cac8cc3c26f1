package dev.sallyport.volume.device;

import java.io.IOException;

/** A device whose writes can be refused and accepted again while it is in use. What has begun is finished. */
public final class RevocableDevice implements BlockDevice {
    private final BlockDevice device;
    private volatile boolean writesRefused;

    public RevocableDevice(BlockDevice device) {
        this.device = device;
    }

    public void setWritesRefused(boolean refused) {
        writesRefused = refused;
    }

    @Override
    public boolean writesRefused() {
        return writesRefused || device.writesRefused();
    }

    @Override
    public long size() {
        return device.size();
    }

    @Override
    public int sectorSize() {
        return device.sectorSize();
    }

    @Override
    public void read(long position, byte[] into, int offset, int length) throws IOException {
        device.read(position, into, offset, length);
    }

    @Override
    public boolean readNow(long position, byte[] into, int offset, int length) throws IOException {
        return device.readNow(position, into, offset, length);
    }

    @Override
    public boolean writeNow(long position, byte[] from, int offset, int length) throws IOException {
        return device.writeNow(position, from, offset, length);
    }

    @Override
    public void write(long position, byte[] from, int offset, int length) throws IOException {
        device.write(position, from, offset, length);
    }

    @Override
    public void flush() throws IOException {
        device.flush();
    }

    @Override
    public void trim(long position, long length) throws IOException {
        device.trim(position, length);
    }

    @Override
    public void writeZeroes(long position, long length) throws IOException {
        device.writeZeroes(position, length);
    }

    @Override
    public Extent extent(long position, long limit) throws IOException {
        return device.extent(position, limit);
    }

    @Override
    public void close() throws IOException {
        device.close();
    }
}

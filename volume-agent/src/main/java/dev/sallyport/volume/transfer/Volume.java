package dev.sallyport.volume.transfer;

import dev.sallyport.volume.device.LuksDevice;
import java.io.IOException;

/** The data of an image, in the clear. */
public final class Volume implements Source, Target {
    private final LuksDevice device;
    private final String identity;

    /**
     * @param device closed with this
     * @param identity see {@link Source#identity()}
     */
    public Volume(LuksDevice device, String identity) {
        this.device = device;
        this.identity = identity;
    }

    @Override
    public long size() {
        return device.size();
    }

    @Override
    public String identity() {
        return identity;
    }

    @Override
    public Run run(long position, long limit) throws IOException {
        var extent = device.extent(position, limit);
        return new Run(extent.length(), extent.hole());
    }

    @Override
    public void read(long position, byte[] into, int length) throws IOException {
        device.read(position, into, 0, length);
    }

    @Override
    public void write(long position, byte[] from, int length) throws IOException {
        device.write(position, from, 0, length);
    }

    /** A hole means zeros, and a never-written sector does not read as zeros: they are encrypted like other data. */
    @Override
    public void hole(long position, long length) throws IOException {
        device.writeZeroes(position, length);
    }

    @Override
    public void flush() throws IOException {
        device.flush();
    }

    @Override
    public void close() throws IOException {
        device.close();
    }
}

package dev.sallyport.volume.device;

import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.volume.luks.Geometry;
import dev.sallyport.volume.luks.XtsCipher;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * The data of a LUKS2 image in the clear: reads decrypt, writes encrypt, whole sectors at a time. A request that covers
 * part of a sector reads it, changes it and writes it back under the exclusive lock, which whole-sector writes share, so
 * that neither undoes the other.
 *
 * <p>A failed fsync closes the device to every later request: after one, nobody can say what the disk holds.
 */
public final class LuksDevice implements BlockDevice {
    private static final int ZEROES = 1 << 20;

    /** A write into the page cache of at most so many bytes is done by whoever brings it. */
    private static final int MAX_NOW = 1 << 20;

    private final FileChannel image;
    private final SparseFile sparse;
    private final Geometry geometry;
    private final long size;
    private final SecretBytes key;
    private final Options options;
    private final Deque<XtsCipher> ciphers = new ArrayDeque<>();
    private final ReadWriteLock sectors = new ReentrantReadWriteLock();
    private volatile boolean failed;

    /**
     * How a device treats holes.
     *
     * @param discard whether TRIM punches holes; they tell an observer what is in use
     * @param holesReadZero whether a sector of zeros in the image reads as zeros. Whoever can write the image can then
     *     plant zeros
     */
    public record Options(boolean discard, boolean holesReadZero) {}

    /**
     * @param image opened for reading, and for writing unless the device is only read; closed with the device
     * @param path of the same image
     * @param key the volume key, of {@code geometry.keyBytes()}; closed with the device
     * @param size of the data in bytes
     */
    public LuksDevice(FileChannel image, Path path, Geometry geometry, SecretBytes key, long size, Options options)
            throws IOException {
        this.image = image;
        this.geometry = geometry;
        this.key = key;
        this.size = size;
        this.options = options;
        this.sparse = SparseFile.open(path);
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public int sectorSize() {
        return geometry.sectorSize();
    }

    @Override
    public void read(long position, byte[] into, int offset, int length) throws IOException {
        checkUsable();
        int before = (int) (position % sectorSize());
        if (before == 0 && length % sectorSize() == 0) {
            readSectors(position, into, offset, length);
            return;
        }
        int span = roundUp(before + length);
        byte[] whole = new byte[span];
        readSectors(position - before, whole, 0, span);
        System.arraycopy(whole, before, into, offset, length);
    }

    @Override
    public boolean readNow(long position, byte[] into, int offset, int length) throws IOException {
        checkUsable();
        if (position % sectorSize() != 0
                || length % sectorSize() != 0
                || !sparse.readCached(geometry.dataOffset() + position, into, offset, length)) {
            return false;
        }
        decrypt(position, into, offset, length);
        return true;
    }

    @Override
    public boolean writeNow(long position, byte[] from, int offset, int length) throws IOException {
        if (position % sectorSize() != 0
                || length % sectorSize() != 0
                || length > MAX_NOW
                || !sectors.readLock().tryLock()) {
            return false;
        }
        try {
            checkUsable();
            writeSectors(position, from, offset, length);
            return true;
        } finally {
            sectors.readLock().unlock();
        }
    }

    @Override
    public void write(long position, byte[] from, int offset, int length) throws IOException {
        checkUsable();
        int before = (int) (position % sectorSize());
        if (before == 0 && length % sectorSize() == 0) {
            sectors.readLock().lock();
            try {
                writeSectors(position, from, offset, length);
            } finally {
                sectors.readLock().unlock();
            }
            return;
        }
        int span = roundUp(before + length);
        byte[] whole = new byte[span];
        sectors.writeLock().lock();
        try {
            long start = position - before;
            readSectors(start, whole, 0, sectorSize());
            if (span > sectorSize()) {
                readSectors(start + span - sectorSize(), whole, span - sectorSize(), sectorSize());
            }
            System.arraycopy(from, offset, whole, before, length);
            writeSectors(start, whole, 0, span);
        } finally {
            sectors.writeLock().unlock();
        }
    }

    @Override
    public void flush() throws IOException {
        checkUsable();
        try {
            image.force(false);
        } catch (IOException e) {
            failed = true;
            throw e;
        }
    }

    @Override
    public void trim(long position, long length) throws IOException {
        checkUsable();
        long start = (position + sectorSize() - 1) / sectorSize() * sectorSize();
        long end = (position + length) / sectorSize() * sectorSize();
        if (options.discard() && end > start) {
            sectors.readLock().lock();
            try {
                sparse.punch(geometry.dataOffset() + start, end - start);
            } finally {
                sectors.readLock().unlock();
            }
        }
    }

    @Override
    public void writeZeroes(long position, long length) throws IOException {
        byte[] zeroes = new byte[(int) Math.min(length, ZEROES)];
        for (long done = 0; done < length; ) {
            // whole sectors after the first part, so that only the ends are read and changed
            long at = position + done;
            int part = (int) Math.min(length - done, zeroes.length - at % sectorSize());
            if (part <= 0) {
                part = (int) Math.min(length - done, zeroes.length);
            }
            Arrays.fill(zeroes, (byte) 0);
            write(at, zeroes, 0, part);
            done += part;
        }
    }

    @Override
    public Extent extent(long position, long limit) throws IOException {
        checkUsable();
        return sparse.extent(geometry.dataOffset() + position, limit);
    }

    @Override
    public void close() throws IOException {
        synchronized (ciphers) {
            ciphers.forEach(XtsCipher::close);
            ciphers.clear();
        }
        key.close();
        sparse.close();
        image.close();
    }

    private void readSectors(long position, byte[] into, int offset, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(into, offset, length);
        long at = geometry.dataOffset() + position;
        while (buffer.hasRemaining()) {
            int n = image.read(buffer, at);
            if (n < 0) {
                throw new EOFException("the image ends before its volume does");
            }
            at += n;
        }
        decrypt(position, into, offset, length);
    }

    private void decrypt(long position, byte[] into, int offset, int length) {
        XtsCipher cipher = borrow();
        try {
            if (options.holesReadZero()) {
                decryptAllButZeroes(cipher, position, into, offset, length);
            } else {
                cipher.decrypt(into, offset, length, position);
            }
        } finally {
            giveBack(cipher);
        }
    }

    private void decryptAllButZeroes(XtsCipher cipher, long position, byte[] data, int offset, int length) {
        for (int i = 0; i < length; i += sectorSize()) {
            int from = offset + i;
            int to = from + sectorSize();
            int at = from;
            while (at < to && data[at] == 0) {
                at++;
            }
            if (at < to) {
                cipher.decrypt(data, from, sectorSize(), position + i);
            }
        }
    }

    private void writeSectors(long position, byte[] from, int offset, int length) throws IOException {
        XtsCipher cipher = borrow();
        try {
            cipher.encrypt(from, offset, length, position);
        } finally {
            giveBack(cipher);
        }
        ByteBuffer buffer = ByteBuffer.wrap(from, offset, length);
        long at = geometry.dataOffset() + position;
        while (buffer.hasRemaining()) {
            at += image.write(buffer, at);
        }
    }

    private XtsCipher borrow() {
        synchronized (ciphers) {
            XtsCipher cipher = ciphers.poll();
            if (cipher != null) {
                return cipher;
            }
        }
        return new XtsCipher(key, sectorSize());
    }

    private void giveBack(XtsCipher cipher) {
        synchronized (ciphers) {
            ciphers.push(cipher);
        }
    }

    private int roundUp(int length) {
        return (length + sectorSize() - 1) / sectorSize() * sectorSize();
    }

    private void checkUsable() throws IOException {
        if (failed) {
            throw new IOException("an earlier fsync failed; the volume must be attached again");
        }
    }
}

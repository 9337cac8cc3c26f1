package dev.sallyport.volume.image;

import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.volume.device.ImageLock;
import dev.sallyport.volume.device.LuksDevice;
import dev.sallyport.volume.keys.KeyBundle;
import dev.sallyport.volume.keys.VolumeKeyException;
import dev.sallyport.volume.keys.VolumeKeys;
import dev.sallyport.volume.luks.Geometry;
import dev.sallyport.volume.luks.LuksException;
import dev.sallyport.volume.luks.LuksImage;
import dev.sallyport.volume.luks.Token;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** An image file that is open, with its header, and locked against other writers unless it is only looked at. */
public final class VolumeImage implements AutoCloseable {
    private final Path path;
    private final FileChannel channel;
    private final LuksImage header;
    private final ImageLock lock;

    /** What an image is opened for. */
    public enum Use {
        /** A look at the header, also while the image is attached; nothing is locked or repaired. */
        LOOK,
        /** Reading data; others may read too. */
        READ,
        /** Writing header or data; nobody else may use it. */
        WRITE
    }

    private VolumeImage(Path path, FileChannel channel, LuksImage header, ImageLock lock) {
        this.path = path;
        this.channel = channel;
        this.header = header;
        this.lock = lock;
    }

    /**
     * Opens an image; for {@link Use#WRITE} a damaged or older copy of the header is repaired.
     *
     * @throws LuksException when it is no LUKS2 image, or one that is not supported
     * @throws dev.sallyport.volume.device.ImageInUseException when another process excludes this use
     */
    public static VolumeImage open(Path path, Use use) throws IOException {
        ImageLock lock = use == Use.LOOK ? null : ImageLock.take(path, use == Use.READ);
        FileChannel channel = null;
        try {
            channel = use == Use.WRITE
                    ? FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)
                    : FileChannel.open(path, StandardOpenOption.READ);
            LuksImage header = use == Use.WRITE ? LuksImage.open(channel) : LuksImage.openReadOnly(channel);
            return new VolumeImage(path, channel, header, lock == null ? ImageLock.none() : lock);
        } catch (IOException | RuntimeException e) {
            if (channel != null) {
                channel.close();
            }
            if (lock != null) {
                lock.close();
            }
            throw e;
        }
    }

    public Path path() {
        return path;
    }

    public LuksImage header() {
        return header;
    }

    /** The image file itself; closed with this. */
    public FileChannel channel() {
        return channel;
    }

    /** @throws LuksException when the image has no token of this agent */
    public Token token() {
        return header.token()
                .orElseThrow(() ->
                        new LuksException(path + " has no sallyport-kms token; give it one: sallyport-volume adopt"));
    }

    /**
     * Opens the volume's keys at the KMS, and checks that they belong to this header and that it was not changed: the
     * digest of the volume key, the token's MAC, the volume id, and the file's length.
     *
     * @throws dev.sallyport.kms.KmsException when the KMS refuses
     * @throws VolumeKeyException when keys and header do not belong together
     */
    public KeyBundle unlock(VolumeKeys keys) throws IOException {
        header.geometry(LuksImage.KEY_BYTES); // refuses by name what is not supported before the KMS is asked
        Token token = token();
        if (!header.uuid().equals(token.context().pairs().get(VolumeKeys.VOLUME_ID))) {
            throw new VolumeKeyException("the token of " + path + " was made for another image");
        }
        KeyBundle bundle = keys.open(token);
        try {
            if (!header.isVolumeKey(bundle.volumeKey())) {
                throw new VolumeKeyException("the key that the KMS opened is not the volume key of " + path);
            }
            if (!header.verifyToken(bundle.macKey())) {
                throw new VolumeKeyException(
                        "the header of " + path + " was changed: the MAC of its sallyport-kms token is wrong");
            }
            requireLength(token.size(), bundle.volumeKey().length());
            return bundle;
        } catch (IOException | RuntimeException e) {
            bundle.close();
            throw e;
        }
    }

    private void requireLength(long size, int keyBytes) throws IOException {
        Geometry geometry = header.geometry(keyBytes);
        if (size % geometry.sectorSize() != 0 || channel.size() - geometry.dataOffset() < size) {
            throw new VolumeKeyException(path + " is shorter than its volume of " + size + " bytes");
        }
        if (geometry.fixedSize() >= 0 && geometry.fixedSize() != size) {
            throw new VolumeKeyException("the header of " + path + " says two sizes: " + geometry.fixedSize()
                    + " bytes in its segment, " + size + " in its token");
        }
    }

    /**
     * How many bytes of data a foreign image holds: what its segment says, else the whole sectors up to its end.
     *
     * @param keyBytes length of its volume key
     * @throws LuksException when there are none, or the image is shorter than it says
     */
    public long dataSize(int keyBytes) throws IOException {
        Geometry geometry = header.geometry(keyBytes);
        long there = Math.max(0, channel.size() - geometry.dataOffset());
        long size =
                geometry.fixedSize() < 0 ? there / geometry.sectorSize() * geometry.sectorSize() : geometry.fixedSize();
        if (size == 0 || size > there) {
            throw new LuksException(path + " is shorter than its header says: it holds " + there + " bytes of data");
        }
        return size;
    }

    /**
     * Changes the size of the volume; crash-safe. A file grows before its header says so, and is cut only when its header
     * is durable. What is added is undefined, as what was never written is; what is cut off is gone.
     *
     * @param size in bytes; whole sectors
     * @param keys of this image
     */
    public void resize(long size, KeyBundle keys) throws IOException {
        Token old = token();
        Geometry geometry = header.geometry(keys.volumeKey().length());
        if (size <= 0 || size > NewImage.MAX_SIZE || size % geometry.sectorSize() != 0) {
            throw new IllegalArgumentException(
                    "a volume has a multiple of " + geometry.sectorSize() + " bytes, at most 16T");
        }
        long end = Math.addExact(geometry.dataOffset(), size);
        boolean file = Files.isRegularFile(path);
        if (channel.size() < end) {
            if (!file) {
                throw new IOException(path + " has only " + (channel.size() - geometry.dataOffset())
                        + " bytes for data: make the device larger first");
            }
            setLength(end);
        }
        header.putToken(new Token(old.keyArn(), old.wrappedKey(), old.context(), size), keys.macKey());
        if (file && size < old.size()) {
            setLength(end);
        }
    }

    private void setLength(long length) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(length);
            file.getChannel().force(true);
        }
    }

    /** The data in the clear. It has a channel and a copy of the key of its own, closed with it; the lock stays here. */
    public LuksDevice device(SecretBytes volumeKey, boolean readOnly, LuksDevice.Options options) throws IOException {
        FileChannel data = readOnly
                ? FileChannel.open(path, StandardOpenOption.READ)
                : FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        return new LuksDevice(
                data,
                path,
                header.geometry(volumeKey.length()),
                volumeKey.slice(0, volumeKey.length()),
                token().size(),
                options);
    }

    @Override
    public void close() throws IOException {
        channel.close();
        lock.close();
    }
}

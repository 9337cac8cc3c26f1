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
import java.nio.channels.FileChannel;
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

package dev.sallyport.volume.image;

import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.volume.keys.KeyBundle;
import dev.sallyport.volume.luks.LuksImage;
import dev.sallyport.volume.luks.Token;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Makes image files. */
public final class NewImage {
    /** Largest volume: 16 TiB, where common file systems end too. */
    public static final long MAX_SIZE = 16L << 40;

    private NewImage() {}

    /**
     * Makes a sparse image, mode 0600. It gets its name when its header is durable, and never replaces another file.
     *
     * @param size of the data in bytes; a multiple of 4,096
     * @param passphrase for a keyslot that opens the image without any KMS; null for none
     */
    public static void create(
            Path path,
            long size,
            UUID uuid,
            String label,
            Token token,
            KeyBundle keys,
            @Nullable SecretBytes passphrase)
            throws IOException {
        if (size <= 0 || size > MAX_SIZE || size % LuksImage.SECTOR_SIZE != 0) {
            throw new IllegalArgumentException(
                    "a volume has a multiple of " + LuksImage.SECTOR_SIZE + " bytes, at most 16T");
        }
        if (Files.exists(path)) {
            throw new FileAlreadyExistsException(path.toString());
        }
        Path unfinished = path.resolveSibling("." + path.getFileName() + "." + uuid + ".new");
        try {
            Files.createFile(
                    unfinished, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            try (RandomAccessFile file = new RandomAccessFile(unfinished.toFile(), "rw")) {
                file.setLength(Math.addExact(LuksImage.DATA_OFFSET, size));
                LuksImage image =
                        LuksImage.create(file.getChannel(), uuid, label, token, keys.volumeKey(), keys.macKey());
                if (passphrase != null) {
                    image.addPassphrase(keys.volumeKey(), passphrase);
                }
                file.getChannel().force(true);
            }
            Files.createLink(path, unfinished);
        } finally {
            Files.deleteIfExists(unfinished);
        }
        syncDirectory(path);
    }

    private static void syncDirectory(Path path) throws IOException {
        Path parent = path.toAbsolutePath().getParent();
        if (parent != null) {
            try (FileChannel directory = FileChannel.open(parent, StandardOpenOption.READ)) {
                directory.force(true);
            }
        }
    }
}

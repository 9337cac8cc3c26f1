package dev.sallyport.volume.testing;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/** An image that {@code cryptsetup} made, with content that it encrypted, in user space and without device mapper. */
public final class ForeignImage {
    private ForeignImage() {}

    /**
     * Makes one.
     *
     * @param keyBits 256 or 512
     * @param sector in bytes
     * @param keyFile its passphrase, every byte of it
     */
    public static void make(Path image, byte[] content, int keyBits, int sector, Path keyFile)
            throws IOException, InterruptedException {
        Files.write(image, content);
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(content.length + (32L << 20));
        }
        Programs.succeed(
                "cryptsetup",
                "reencrypt",
                "--encrypt",
                "--batch-mode",
                "--type",
                "luks2",
                "--cipher",
                "aes-xts-plain64",
                "--key-size",
                keyBits,
                "--sector-size",
                sector,
                "--reduce-device-size",
                "32M",
                "--pbkdf",
                "argon2id",
                "--pbkdf-memory",
                1024,
                "--pbkdf-force-iterations",
                4,
                "--disable-locks",
                "--key-file",
                keyFile,
                image);
    }

    /** Whether {@code cryptsetup} opens the image with this key file. */
    public static boolean opensWith(Path image, Path keyFile) throws IOException, InterruptedException {
        return Programs.run("cryptsetup", "open", "--test-passphrase", "--key-file", keyFile, image)
                        .code()
                == 0;
    }
}

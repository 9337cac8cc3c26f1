package dev.sallyport.volume.nbd;

import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.volume.device.LuksDevice;
import dev.sallyport.volume.luks.Geometry;
import dev.sallyport.volume.luks.LuksImage;
import dev.sallyport.volume.luks.Token;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** A LUKS2 image under a key that only the test knows, as a device. */
final class TestVolume {
    private TestVolume() {}

    static LuksDevice create(Path image, long size) throws IOException {
        try (SecretBytes key = SecretBytes.random(64)) {
            return create(image, size, key);
        }
    }

    /** @param key stays open */
    static LuksDevice create(Path image, long size, SecretBytes key) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw");
                SecretBytes macKey = SecretBytes.random(32)) {
            file.setLength(LuksImage.DATA_OFFSET + size);
            Token token = new Token(
                    "arn:aws:kms:us-east-1:000000000000:key/x", new byte[] {1}, EncryptionContext.EMPTY, size);
            LuksImage.create(file.getChannel(), UUID.randomUUID(), "", token, key, macKey);
        }
        return open(image, size, key);
    }

    /** Opens one again. */
    static LuksDevice open(Path image, long size, SecretBytes key) throws IOException {
        FileChannel channel = FileChannel.open(image, StandardOpenOption.READ, StandardOpenOption.WRITE);
        Geometry geometry = LuksImage.open(channel).geometry(64);
        return new LuksDevice(channel, image, geometry, key.slice(0, 64), size, new LuksDevice.Options(true, false));
    }

    /** Serves a new image until the process is killed: {@code IMAGE SOCKET BYTES}; for measurements by hand. */
    public static void main(String[] arguments) throws Exception {
        NbdServer server = NbdServer.onUnixSocket(
                new Export("vol", "", create(Path.of(arguments[0]), Long.parseLong(arguments[2])), false),
                Path.of(arguments[1]));
        Thread.currentThread().join();
        server.close();
    }
}

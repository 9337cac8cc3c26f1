package dev.sallyport.volume.luks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.volume.device.LuksDevice;
import dev.sallyport.volume.testing.ForeignImage;
import dev.sallyport.volume.testing.Programs;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code cryptsetup} and this code agree on what a LUKS2 image is, both ways. */
class CryptsetupTest {
    private static final long SIZE = 8 << 20;

    @TempDir
    Path directory;

    @BeforeAll
    static void needsCryptsetup() {
        Programs.require("cryptsetup");
    }

    @Test
    void anImageMadeHereIsCleanThereAndItsKeyIsRight() throws Exception {
        Path image = directory.resolve("made-here.img");
        SecretBytes key = SecretBytes.random(64);
        create(image, key);
        String dump = Programs.succeed("cryptsetup", "luksDump", image);
        assertThat(dump).contains("Version:       \t2", "sallyport-kms", "aes-xts-plain64", "sector: 4096 [bytes]");
        Path keyFile = directory.resolve("key");
        Files.write(keyFile, key.exposeCopy());
        Programs.succeed(
                "cryptsetup",
                "luksAddKey",
                "--batch-mode",
                "--volume-key-file",
                keyFile,
                "--key-size",
                "512",
                "--pbkdf",
                "pbkdf2",
                "--pbkdf-force-iterations",
                "1000",
                "--new-keyfile",
                passphrase("there"),
                image);
        try (FileChannel channel = FileChannel.open(image, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            LuksImage opened = LuksImage.open(channel);
            LuksImage.OpenedSlot slot = opened.openPassphrase(SecretBytes.copyOf("there".getBytes(UTF_8)))
                    .orElseThrow();
            assertThat(slot.volumeKey().exposeCopy()).isEqualTo(key.exposeCopy());
            assertThat(opened.token()).isPresent();
        }
    }

    @Test
    void aBreakGlassPassphraseOpensThere() throws Exception {
        Path image = directory.resolve("break-glass.img");
        SecretBytes key = SecretBytes.random(64);
        create(image, key);
        try (FileChannel channel = FileChannel.open(image, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            LuksImage.open(channel).addPassphrase(key, SecretBytes.copyOf("here".getBytes(UTF_8)));
        }
        assertThat(ForeignImage.opensWith(image, passphrase("here"))).isTrue();
        try (FileChannel channel = FileChannel.open(image, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            LuksImage.open(channel).removeKeyslot(0);
        }
        assertThat(ForeignImage.opensWith(image, passphrase("here"))).isFalse();
    }

    @Test
    void anImageMadeThereHoldsTheSameBytesHere() throws Exception {
        byte[] content = new byte[(int) SIZE];
        new Random(7).nextBytes(content);
        for (int sector : new int[] {512, 4096}) {
            Path image = directory.resolve("made-there-" + sector + ".img");
            ForeignImage.make(image, content, 512, sector, passphrase("there"));
            try (FileChannel channel = FileChannel.open(image, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                LuksImage opened = LuksImage.open(channel);
                SecretBytes key = opened.openPassphrase(SecretBytes.copyOf("there".getBytes(UTF_8)))
                        .orElseThrow()
                        .volumeKey();
                Geometry geometry = opened.geometry(key.length());
                try (LuksDevice device =
                        new LuksDevice(channel, image, geometry, key, SIZE, new LuksDevice.Options(true, false))) {
                    byte[] read = new byte[content.length];
                    device.read(0, read, 0, read.length);
                    assertThat(read).isEqualTo(content);
                }
            }
        }
    }

    private static void create(Path image, SecretBytes key) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(LuksImage.DATA_OFFSET + SIZE);
            SecretBytes macKey = SecretBytes.random(32);
            Token token = new Token(
                    "arn:aws:kms:us-east-1:000000000000:key/x", new byte[] {1}, EncryptionContext.EMPTY, SIZE);
            LuksImage made = LuksImage.create(file.getChannel(), UUID.randomUUID(), "label", token, key, macKey);
            assertThat(made.verifyToken(macKey)).isTrue();
            assertThat(made.isVolumeKey(key)).isTrue();
        }
    }

    private Path passphrase(String text) throws IOException {
        Path file = directory.resolve("passphrase-" + text);
        Files.writeString(file, text);
        return file;
    }
}

package dev.sallyport.volume.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.volume.testing.ForeignImage;
import dev.sallyport.volume.testing.Programs;
import dev.sallyport.volume.testing.TestKms;
import dev.sallyport.volume.testing.Volumes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Images that {@code cryptsetup} made come under the KMS, and stay {@code cryptsetup}'s too. */
class AdoptCommandIT {
    private static final int SIZE = 4 << 20;

    @TempDir
    private Path directory;

    private TestKms kms;
    private Commands commands;
    private String key;
    private Path image;
    private Path passphrase;
    private final byte[] content = new byte[SIZE];

    @BeforeEach
    void start() throws IOException {
        Programs.require("cryptsetup");
        kms = new TestKms();
        commands = new Commands(kms);
        key = kms.newKey();
        image = directory.resolve("disk.img");
        passphrase = Files.writeString(directory.resolve("passphrase"), "correct horse");
        new Random(9).nextBytes(content);
    }

    @AfterEach
    void stop() {
        kms.close();
    }

    @ParameterizedTest
    @CsvSource({"256,512", "512,512", "512,1024", "256,2048", "512,4096", "256,4096"})
    void keepsContentAndPassphrase(int bits, int sector) throws Exception {
        ForeignImage.make(image, content, bits, sector, passphrase);
        byte[] before = Files.readAllBytes(image);
        commands.succeed("adopt", image, "--key", key, "--passphrase-file", passphrase, "--context", "team=a");
        byte[] after = Files.readAllBytes(image);
        assertThat(Arrays.mismatch(
                        Arrays.copyOfRange(before, 1 << 20, before.length),
                        Arrays.copyOfRange(after, 1 << 20, after.length)))
                .isEqualTo(-1);
        assertThat(Volumes.read(image, kms, 0, SIZE)).isEqualTo(content);
        assertThat(commands.succeed("verify", image)).contains("ok       mac", "sectors of " + sector + " bytes");
        assertThat(Programs.succeed("cryptsetup", "luksDump", image)).contains("sallyport-kms");
        assertThat(ForeignImage.opensWith(image, passphrase)).isTrue();

        byte[] written = "written by the agent".repeat(1000).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        Volumes.write(image, kms, 12_345, written);
        System.arraycopy(written, 0, content, 12_345, written.length);
        // cryptsetup decrypts the whole image in place, from the detached copy of its header
        Programs.succeed(
                "cryptsetup",
                "reencrypt",
                "--decrypt",
                "--force-offline-reencrypt",
                "--batch-mode",
                "--disable-locks",
                "--header",
                directory.resolve("header"),
                "--key-file",
                passphrase,
                image);
        assertThat(Arrays.copyOf(Files.readAllBytes(image), SIZE)).isEqualTo(content);
    }

    @Test
    void takesTheVolumeKeyItself() throws Exception {
        ForeignImage.make(image, content, 512, 4096, passphrase);
        Path volumeKey = directory.resolve("volume-key");
        Programs.succeed(
                "cryptsetup",
                "luksDump",
                "--batch-mode",
                "--dump-volume-key",
                "--volume-key-file",
                volumeKey,
                "--key-file",
                passphrase,
                image);
        Path wrong = Files.write(directory.resolve("wrong"), new byte[64]);
        byte[] before = Files.readAllBytes(image);
        commands.fail(4, "adopt", image, "--key", key, "--volume-key-file", wrong);
        assertThat(Files.readAllBytes(image)).isEqualTo(before);
        commands.succeed("adopt", image, "--key", key, "--volume-key-file", volumeKey);
        assertThat(Volumes.read(image, kms, 0, SIZE)).isEqualTo(content);
    }

    @Test
    void takesAKeyFileByteForByte() throws Exception {
        Path keyFile = Files.write(directory.resolve("key-file"), Arrays.copyOf(content, 4096));
        Files.write(keyFile, new byte[] {'\n'}, java.nio.file.StandardOpenOption.APPEND);
        ForeignImage.make(image, content, 512, 512, keyFile);
        assertThat(commands.fail(4, "adopt", image, "--key", key, "--passphrase-file", passphrase))
                .contains("opens no keyslot", "--key-file");
        commands.succeed("adopt", image, "--key", key, "--key-file", keyFile);
        assertThat(Volumes.read(image, kms, 0, SIZE)).isEqualTo(content);
    }

    @Test
    void replacesATokenOnlyWhenTold() throws Exception {
        ForeignImage.make(image, content, 512, 512, passphrase);
        commands.succeed("adopt", image, "--key", key, "--passphrase-file", passphrase);
        kms.set(key, TestKms.State.GONE);
        String other = kms.newKey();
        assertThat(commands.fail(1, "adopt", image, "--key", other, "--passphrase-file", passphrase))
                .contains("rekey");
        commands.succeed("adopt", image, "--key", other, "--passphrase-file", passphrase, "--replace-token");
        assertThat(Volumes.read(image, kms, 0, SIZE)).isEqualTo(content);
        assertThat(Programs.succeed("cryptsetup", "luksDump", image)).containsOnlyOnce("sallyport-kms");
    }

    @Test
    void namesWhatItRefuses() throws Exception {
        Path plain = Files.write(directory.resolve("plain"), new byte[1 << 20]);
        assertThat(commands.fail(5, "adopt", plain, "--key", key, "--passphrase-file", passphrase))
                .contains("not a LUKS2 image");
        Path old = Files.write(directory.resolve("luks1"), new byte[8 << 20]);
        Programs.succeed(
                "cryptsetup",
                "luksFormat",
                "--batch-mode",
                "--type",
                "luks1",
                "--pbkdf-force-iterations",
                1000,
                "--key-file",
                passphrase,
                old);
        assertThat(commands.fail(5, "adopt", old, "--key", key, "--passphrase-file", passphrase))
                .contains("LUKS1", "cryptsetup convert");
        Path cbc = Files.write(directory.resolve("cbc"), new byte[24 << 20]);
        Programs.succeed(
                "cryptsetup",
                "luksFormat",
                "--batch-mode",
                "--type",
                "luks2",
                "--cipher",
                "aes-cbc-essiv:sha256",
                "--key-size",
                256,
                "--pbkdf",
                "pbkdf2",
                "--pbkdf-force-iterations",
                1000,
                "--key-file",
                passphrase,
                cbc);
        byte[] before = Files.readAllBytes(cbc);
        assertThat(commands.fail(5, "adopt", cbc, "--key", key, "--passphrase-file", passphrase))
                .contains("aes-cbc-essiv:sha256");
        assertThat(Files.readAllBytes(cbc)).isEqualTo(before);
        assertThat(kms.calls()).isEmpty();
    }

    @Test
    void leavesTheImageAloneWhenTheKmsRefuses() throws Exception {
        ForeignImage.make(image, content, 512, 512, passphrase);
        byte[] before = Files.readAllBytes(image);
        kms.set(key, TestKms.State.DISABLED);
        assertThat(commands.fail(6, "adopt", image, "--key", key, "--passphrase-file", passphrase))
                .contains("DisabledException");
        assertThat(Files.readAllBytes(image)).isEqualTo(before);
    }
}

package dev.sallyport.volume.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.volume.image.VolumeImage;
import dev.sallyport.volume.keys.KeyBundle;
import dev.sallyport.volume.keys.VolumeKeys;
import dev.sallyport.volume.luks.HeaderEdits;
import dev.sallyport.volume.testing.TestKms;
import dev.sallyport.volume.testing.Volumes;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that change or check an image's header. */
class ImageCommandsIT {
    private static final long SIZE = 4 << 20;
    private static final long DATA = 16 << 20;

    @TempDir
    private Path directory;

    private TestKms kms;
    private Commands commands;
    private String key;
    private Path image;
    private final byte[] content = new byte[8192];

    @BeforeEach
    void make() throws IOException {
        kms = new TestKms();
        commands = new Commands(kms);
        key = kms.newKey();
        image = directory.resolve("disk.img");
        commands.succeed("create", image, "--size", "4M", "--key", key);
        new Random(3).nextBytes(content);
        Volumes.write(image, kms, 0, content);
    }

    @AfterEach
    void stop() {
        kms.close();
    }

    private Path passphrase(String text) throws IOException {
        return Files.writeString(directory.resolve("passphrase-" + text), text + "\n");
    }

    private boolean opens(String passphrase) throws IOException {
        try (VolumeImage opened = VolumeImage.open(image, VolumeImage.Use.LOOK);
                SecretBytes secret = SecretBytes.copyOf(passphrase.getBytes(StandardCharsets.UTF_8))) {
            return opened.header().openPassphrase(secret).isPresent();
        }
    }

    private void overwrite(long offset, int length) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.seek(offset);
            file.write(new byte[length]);
        }
    }

    @Test
    void verifiesAWholeImage() throws Exception {
        JsonNode report = new ObjectMapper().readTree(commands.succeed("verify", image, "--json"));
        assertThat(report.path("ok").asBoolean()).isTrue();
        assertThat(report.path("checks"))
                .extracting(check -> check.path("check").asText())
                .containsExactly(
                        "first-copy", "second-copy", "copies", "metadata", "token", "geometry", "key", "digest", "mac");
        assertThat(report.path("checks"))
                .allMatch(check -> check.path("outcome").asText().equals("ok"));
        int asked = kms.requests();
        assertThat(commands.succeed("verify", image, "--offline")).contains("skipped  key");
        assertThat(kms.requests()).isEqualTo(asked);
    }

    @Test
    void verifyNamesWhatIsWrong() throws IOException {
        kms.set(key, TestKms.State.DISABLED);
        assertThat(commands.fail(6, "verify", image)).contains("DisabledException");
        kms.set(TestKms.Mode.REFUSES_CREDENTIALS);
        commands.fail(7, "verify", image);
        kms.set(TestKms.Mode.ANSWERS);
        kms.set(key, TestKms.State.ENABLED);

        byte[] before = Files.readAllBytes(image);
        overwrite(16384, 4096);
        assertThat(commands.fail(5, "verify", image)).contains("second-copy (damaged)");
        assertThat(commands.fail(5, "verify", image, "--offline")).contains("second-copy (damaged)");
        overwrite(0, 4096);
        assertThat(commands.fail(5, "verify", image)).contains("first-copy (damaged)", "metadata (");
        Files.write(image, before);
        commands.succeed("verify", image);

        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(DATA + SIZE - 1);
        }
        assertThat(commands.fail(5, "verify", image)).contains("geometry (");
    }

    @Test
    void rekeysToAnotherKey() throws IOException {
        String next = kms.newKey();
        byte[] before = Files.readAllBytes(image);
        assertThat(commands.succeed("rekey", image, "--key", next)).contains(key, next);
        kms.set(key, TestKms.State.GONE);
        assertThat(Volumes.read(image, kms, 0, content.length)).isEqualTo(content);
        commands.succeed("verify", image);
        byte[] after = Files.readAllBytes(image);
        assertThat(Arrays.mismatch(before, 32768, before.length, after, 32768, after.length))
                .isEqualTo(-1);
    }

    @Test
    void rekeyChangesNothingWhenTheKmsRefuses() throws IOException {
        String next = kms.newKey();
        byte[] before = Files.readAllBytes(image);
        kms.set(next, TestKms.State.DENIED);
        assertThat(commands.fail(6, "rekey", image, "--key", next)).contains("AccessDeniedException");
        assertThat(Files.readAllBytes(image)).isEqualTo(before);
    }

    @Test
    void growsAndKeepsWhatIsThere() throws IOException {
        commands.succeed("resize", image, "--size", "6M");
        assertThat(Files.size(image)).isEqualTo(DATA + (6 << 20));
        assertThat(Volumes.read(image, kms, 0, content.length)).isEqualTo(content);
        Volumes.write(image, kms, (6 << 20) - content.length, content);
        assertThat(Volumes.read(image, kms, (6 << 20) - content.length, content.length))
                .isEqualTo(content);
        commands.succeed("verify", image);
    }

    @Test
    void shrinksOnlyWhenForced() throws IOException {
        assertThat(commands.fail(2, "resize", image, "--size", "1M")).contains("--force");
        assertThat(Files.size(image)).isEqualTo(DATA + SIZE);
        commands.succeed("resize", image, "--size", "1M", "--force");
        assertThat(Files.size(image)).isEqualTo(DATA + (1 << 20));
        assertThat(Volumes.read(image, kms, 0, content.length)).isEqualTo(content);
        commands.succeed("verify", image);
        commands.fail(2, "resize", image, "--size", "5000");
        commands.fail(2, "resize", image, "--size", "17T");
    }

    @Test
    void resizesASegmentThatSaysItsSize() throws IOException {
        HeaderEdits.json(image, json -> ((ObjectNode) json.path("segments").path("0")).put("size", "2097152"));
        commands.fail(5, "resize", image, "--size", "6M");
        try (VolumeImage opened = VolumeImage.open(image, VolumeImage.Use.WRITE);
                VolumeKeys keys = Volumes.keys(kms);
                KeyBundle bundle = keys.open(opened.token())) {
            opened.header().putToken(opened.token(), bundle.macKey());
        }
        commands.succeed("resize", image, "--size", "6M");
        assertThat(HeaderEdits.read(image)
                        .path("segments")
                        .path("0")
                        .path("size")
                        .asText())
                .isEqualTo(Long.toString(6 << 20));
        commands.succeed("verify", image);
        assertThat(Volumes.read(image, kms, 0, content.length)).isEqualTo(content);
    }

    @Test
    void leavesAnImageInUseAlone() throws IOException {
        String next = kms.newKey();
        try (VolumeImage attached = VolumeImage.open(image, VolumeImage.Use.WRITE)) {
            commands.fail(3, "resize", image, "--size", "6M");
            commands.fail(3, "rekey", image, "--key", next);
            commands.fail(3, "passphrase", "add", image, "--passphrase-file", passphrase("x"));
            commands.fail(3, "passphrase", "remove", image, "--slot", "0");
            commands.fail(3, "adopt", image, "--key", next, "--passphrase-file", passphrase("x"));
            commands.succeed("verify", image);
            assertThat(attached.token().size()).isEqualTo(SIZE);
        }
    }

    @Test
    void addsAndRemovesPassphrases() throws IOException {
        assertThat(commands.succeed("passphrase", "add", image, "--passphrase-file", passphrase("one")))
                .contains("keyslot 0");
        assertThat(commands.succeed("passphrase", "add", image, "--passphrase-file", passphrase("two")))
                .contains("keyslot 1");
        assertThat(opens("one")).isTrue();
        assertThat(opens("two")).isTrue();
        assertThat(commands.succeed("inspect", image)).contains("keyslots: [0,1]");
        commands.fail(4, "passphrase", "remove", image, "--passphrase-file", passphrase("three"));
        assertThat(commands.fail(2, "passphrase", "remove", image, "--slot", "7"))
                .contains("[0, 1]");
        commands.succeed("passphrase", "remove", image, "--passphrase-file", passphrase("one"));
        assertThat(opens("one")).isFalse();
        assertThat(opens("two")).isTrue();
        commands.succeed("passphrase", "remove", image, "--slot", "1");
        assertThat(opens("two")).isFalse();
        commands.succeed("verify", image);
        byte[] slots = Arrays.copyOfRange(Files.readAllBytes(image), 32768, 32768 + 256_000);
        assertThat(slots).isNotEqualTo(new byte[256_000]);
        assertThat(Volumes.read(image, kms, 0, content.length)).isEqualTo(content);
    }

    @Test
    void removesTheLastPassphraseOnlyWithTheKmsAsAnotherWayIn() throws IOException {
        commands.succeed("passphrase", "add", image, "--passphrase-file", passphrase("one"));
        kms.set(key, TestKms.State.DISABLED);
        assertThat(commands.fail(6, "passphrase", "remove", image, "--slot", "0"))
                .contains("DisabledException", "--force");
        kms.set(TestKms.Mode.REFUSES_CREDENTIALS);
        commands.fail(7, "passphrase", "remove", image, "--slot", "0");
        assertThat(opens("one")).isTrue();
        commands.succeed("passphrase", "remove", image, "--slot", "0", "--force");
        assertThat(opens("one")).isFalse();
    }

    @Test
    void teachesOnEveryCommand() {
        for (String command :
                new String[] {"verify", "adopt", "rekey", "resize", "export-key", "passphrase add", "passphrase remove"
                }) {
            Object[] words = (command + " --help").split(" ");
            Commands.Result help = Commands.bare(words);
            assertThat(help.exit()).isZero();
            assertThat(help.out()).contains("Usage: sallyport-volume " + command, "\n  sallyport-volume " + command);
        }
        assertThat(Commands.bare("passphrase").exit()).isEqualTo(2);
    }
}

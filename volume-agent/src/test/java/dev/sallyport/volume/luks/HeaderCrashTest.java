package dev.sallyport.volume.luks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.crypto.SecretBytes;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The power fails at every moment of a header's replacement: the old header opens, or the new one, and both copies heal. */
class HeaderCrashTest {
    private static final int HEADERS = 32768;
    private static final String OLD = "arn:aws:kms:us-east-1:000000000000:key/old";
    private static final String NEW = "arn:aws:kms:us-east-1:000000000000:key/new";

    @TempDir
    private Path directory;

    private Path image;
    private final SecretBytes volumeKey = SecretBytes.random(64);
    private final SecretBytes macKey = SecretBytes.random(32);

    @BeforeEach
    void make() throws IOException {
        image = directory.resolve("disk.img");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(LuksImage.DATA_OFFSET + 4096);
            LuksImage.create(file.getChannel(), UUID.randomUUID(), "", token(OLD), volumeKey, macKey);
        }
    }

    @AfterEach
    void wipe() {
        volumeKey.close();
        macKey.close();
    }

    private static Token token(String arn) {
        return new Token(arn, new byte[] {1}, EncryptionContext.of("a", "b"), 4096);
    }

    private FileChannel open(Path path) throws IOException {
        return FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    private interface Change {
        void on(LuksImage header) throws IOException;
    }

    private List<RecordingChannel.Step> record(Change change) throws IOException {
        try (RecordingChannel channel = new RecordingChannel(open(image))) {
            LuksImage header = LuksImage.open(channel);
            assertThat(channel.steps()).isEmpty();
            change.on(header);
            return channel.steps();
        }
    }

    private byte[] start(int length) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "r")) {
            byte[] bytes = new byte[length];
            file.readFully(bytes);
            return bytes;
        }
    }

    /** Opens what a power cut left, whole; the key's ARN. */
    private String heal(byte[] left) throws IOException {
        Path cut = directory.resolve("cut.img");
        Files.write(cut, left);
        try (RandomAccessFile file = new RandomAccessFile(cut.toFile(), "rw")) {
            file.setLength(LuksImage.DATA_OFFSET + 4096);
        }
        try (FileChannel channel = open(cut)) {
            LuksImage header = LuksImage.open(channel);
            assertThat(header.isVolumeKey(volumeKey)).isTrue();
            assertThat(header.verifyToken(macKey)).isTrue();
            assertThat(new HeaderStore(channel).report().same()).isTrue();
            return header.token().orElseThrow().keyArn();
        }
    }

    @Test
    void replacesATokenAtAnyCut() throws IOException {
        byte[] before = start(HEADERS);
        List<RecordingChannel.Step> steps = record(header -> header.putToken(token(NEW), macKey));
        Set<String> seen = new HashSet<>();
        for (byte[] left : PowerCuts.all(before, steps, 512, new Random(1))) {
            seen.add(heal(left));
        }
        assertThat(seen).containsExactlyInAnyOrder(OLD, NEW);
        assertThat(heal(PowerCuts.synced(before, steps))).isEqualTo(NEW);
    }

    @Test
    void repairsAtAnyCutOfARepair() throws IOException {
        byte[] before = start(HEADERS);
        List<RecordingChannel.Step> steps = record(header -> header.putToken(token(NEW), macKey));
        byte[] torn = PowerCuts.torn(before, steps, 0, 4096);
        Files.write(image, torn);
        List<RecordingChannel.Step> repair;
        try (RecordingChannel channel = new RecordingChannel(open(image))) {
            LuksImage.open(channel);
            repair = channel.steps();
        }
        assertThat(repair).isNotEmpty();
        for (byte[] left : PowerCuts.all(torn, repair, 512, new Random(2))) {
            assertThat(heal(left)).isEqualTo(OLD);
        }
    }

    @Test
    void addsAPassphraseAtAnyCut() throws IOException {
        int length = HEADERS + (int) Keyslot.areaSize(64);
        byte[] before = start(length);
        List<RecordingChannel.Step> steps;
        try (SecretBytes passphrase = SecretBytes.copyOf(new byte[] {'p'})) {
            steps = record(header -> header.addPassphrase(volumeKey, passphrase));
        }
        byte[] after = PowerCuts.synced(before, steps);
        int found = 0;
        for (byte[] left : PowerCuts.all(before, steps, 8192, new Random(3))) {
            assertThat(heal(left)).isEqualTo(OLD);
            if (keyslots(directory.resolve("cut.img")).contains(0)) {
                found++;
                // whoever reads of the keyslot finds its area whole
                assertThat(left).endsWith(java.util.Arrays.copyOfRange(after, HEADERS, length));
            }
        }
        assertThat(found).isPositive();
    }

    @Test
    void removesAPassphraseAtAnyCut() throws IOException {
        try (SecretBytes passphrase = SecretBytes.copyOf(new byte[] {'p'})) {
            record(header -> header.addPassphrase(volumeKey, passphrase));
        }
        int length = HEADERS + (int) Keyslot.areaSize(64);
        byte[] before = start(length);
        List<RecordingChannel.Step> steps = record(header -> header.removeKeyslot(0));
        for (byte[] left : PowerCuts.all(before, steps, 8192, new Random(4))) {
            assertThat(heal(left)).isEqualTo(OLD);
            if (!keyslots(directory.resolve("cut.img")).contains(0)) {
                assertThat(left)
                        .endsWith(java.util.Arrays.copyOfRange(PowerCuts.synced(before, steps), HEADERS, length));
            }
        }
    }

    private List<Integer> keyslots(Path path) throws IOException {
        try (FileChannel channel = open(path)) {
            return LuksImage.openReadOnly(channel).keyslots();
        }
    }
}

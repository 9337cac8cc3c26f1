package dev.sallyport.volume.luks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.crypto.SecretBytes;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damage to either copy of the header heals; damage to both is said, and nothing is written. */
class HeaderDamageTest {
    private static final int COPY = 16384;

    @TempDir
    private Path directory;

    private Path image;
    private byte[] whole;

    @BeforeEach
    void make() throws IOException {
        image = directory.resolve("disk.img");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw");
                SecretBytes volumeKey = SecretBytes.random(64);
                SecretBytes macKey = SecretBytes.random(32)) {
            file.setLength(COPY * 2);
            Token token = new Token(
                    "arn:aws:kms:us-east-1:000000000000:key/x", new byte[] {1}, EncryptionContext.EMPTY, 4096);
            LuksImage.create(file.getChannel(), UUID.randomUUID(), "label", token, volumeKey, macKey);
        }
        whole = Files.readAllBytes(image);
    }

    private FileChannel open() throws IOException {
        return FileChannel.open(image, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    /** Every byte of the fields, and of the rest every 509th: each is covered by the checksum. */
    private static int next(int at) {
        return at < 512 ? at + 1 : at + 509;
    }

    private void heals(byte[] damaged, HeaderStore.Copies expected) throws IOException {
        Files.write(image, damaged);
        try (FileChannel channel = open()) {
            assertThat(LuksImage.openReadOnly(channel).copies()).isEqualTo(expected);
        }
        assertThat(Files.readAllBytes(image)).as("a look writes nothing").isEqualTo(damaged);
        try (FileChannel channel = open()) {
            LuksImage.open(channel);
            assertThat(LuksImage.openReadOnly(channel).copies()).isEqualTo(HeaderStore.Copies.BOTH_WHOLE);
            assertThat(new HeaderStore(channel).report().same()).isTrue();
        }
        int intact = expected == HeaderStore.Copies.FIRST_DAMAGED ? COPY : 0;
        assertThat(Arrays.copyOfRange(Files.readAllBytes(image), intact, intact + COPY))
                .isEqualTo(Arrays.copyOfRange(whole, intact, intact + COPY));
    }

    @Test
    void healsEitherCopyWhateverByteIsDamaged() throws IOException {
        for (int at = 0; at < COPY; at = next(at)) {
            for (int copy : new int[] {0, COPY}) {
                byte[] damaged = whole.clone();
                damaged[copy + at] ^= 0x55;
                heals(damaged, copy == 0 ? HeaderStore.Copies.FIRST_DAMAGED : HeaderStore.Copies.SECOND_DAMAGED);
            }
        }
    }

    @Test
    void healsACopyThatIsGone() throws IOException {
        byte[] damaged = whole.clone();
        Arrays.fill(damaged, 0, COPY, (byte) 0);
        heals(damaged, HeaderStore.Copies.FIRST_DAMAGED);
        damaged = Arrays.copyOf(whole, COPY);
        heals(damaged, HeaderStore.Copies.SECOND_DAMAGED);
    }

    @Test
    void writesNothingWhenBothAreDamaged() throws IOException {
        for (int at = 0; at < COPY; at = next(at)) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 0x55;
            damaged[COPY + at] ^= 0x55;
            Files.write(image, damaged);
            try (FileChannel channel = open()) {
                assertThatThrownBy(() -> LuksImage.open(channel))
                        .isInstanceOf(LuksException.class)
                        .hasMessageMatching(
                                at < 6
                                        ? "this is not a LUKS2 image"
                                        : "both copies of the LUKS2 header are damaged; .*luksHeaderRestore");
            }
            assertThat(Files.readAllBytes(image)).isEqualTo(damaged);
        }
    }

    @Test
    void writesNothingToAnImageThatItDoesNotSupport() throws IOException {
        HeaderEdits.json(
                image,
                json -> ((com.fasterxml.jackson.databind.node.ObjectNode) json.path("config"))
                        .putObject("requirements")
                        .putArray("mandatory")
                        .add("x"));
        byte[] damaged = Files.readAllBytes(image);
        damaged[COPY + 20] ^= 1;
        Files.write(image, damaged);
        try (FileChannel channel = open()) {
            assertThatThrownBy(() -> LuksImage.open(channel)).hasMessageContaining("requires 'x'");
        }
        assertThat(Files.readAllBytes(image)).isEqualTo(damaged);
    }

    @Test
    void takesTheNewerCopy() throws IOException {
        byte[] old = whole.clone();
        HeaderEdits.json(image, json -> json.putObject("newer"));
        try (FileChannel channel = open()) {
            HeaderStore store = new HeaderStore(channel);
            store.write(store.read(), store.read().json());
        }
        byte[] newer = Files.readAllBytes(image);
        for (boolean first : new boolean[] {true, false}) {
            byte[] mixed = newer.clone();
            System.arraycopy(old, first ? 0 : COPY, mixed, first ? 0 : COPY, COPY);
            Files.write(image, mixed);
            try (FileChannel channel = open()) {
                assertThat(LuksImage.openReadOnly(channel).copies())
                        .isEqualTo(first ? HeaderStore.Copies.FIRST_OLDER : HeaderStore.Copies.SECOND_OLDER);
                LuksImage.open(channel);
            }
            assertThat(HeaderEdits.read(image).has("newer")).isTrue();
            assertThat(HeaderEdits.report(image).same()).isTrue();
        }
    }
}

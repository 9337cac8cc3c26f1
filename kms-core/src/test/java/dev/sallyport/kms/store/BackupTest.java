package dev.sallyport.kms.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.kms.seal.SealException;
import dev.sallyport.kms.seal.SealSecret;
import dev.sallyport.kms.store.StoreException.Reason;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupTest {
    @TempDir
    Path temporary;

    private Path file;

    @BeforeEach
    void backUp() throws IOException {
        file = temporary.resolve("backup");
        try (SqliteKeyStore store = TestStores.open(temporary)) {
            store.write(writer -> {
                for (int i = 0; i < 300; i++) {
                    byte[] payload = new byte[i * 7];
                    new Random(i).nextBytes(payload);
                    writer.put(new Row("key", "id-" + i, i % 3 == 0 ? null : "idx-" + i, payload));
                }
                return true;
            });
            try (OutputStream out = Files.newOutputStream(file)) {
                assertThat(Backups.write(store, out)).isEqualTo(300);
            }
        }
    }

    private SealSecret secret() {
        return SealSecret.keyFile(temporary.resolve("key"));
    }

    private long restore(Path directory) {
        try (SealSecret secret = secret()) {
            return Backups.restore(file, directory, secret);
        }
    }

    private static void assertFails(Reason reason, String message, ThrowingCallable action) {
        assertThatThrownBy(action)
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.reason()).isEqualTo(reason))
                .hasMessageContaining(message)
                .message()
                .doesNotContain("\n");
    }

    private static List<String> rows(SqliteKeyStore store) {
        return store.read(reader -> reader.scan("key", "", null, 1000).stream()
                .map(row -> row.id() + row.index() + Arrays.hashCode(row.payload()))
                .toList());
    }

    @Test
    void aRestoreHasEveryRowAndServes() {
        Path directory = temporary.resolve("elsewhere");
        assertThat(restore(directory)).isEqualTo(300);
        List<String> original;
        try (SqliteKeyStore store = TestStores.open(temporary)) {
            original = rows(store);
        }
        try (SealSecret secret = secret();
                SqliteKeyStore store = SqliteKeyStore.open(directory, secret, DigestWitness.NONE)) {
            assertThat(store.verify()).isEqualTo(300);
            assertThat(rows(store)).isEqualTo(original);
            store.write(writer -> writer.delete("key", "id-1"));
            assertThat(store.verify()).isEqualTo(299);
        }
    }

    @Test
    void aRestoreUnderAnOldJournalMustBeAccepted() {
        Path directory = temporary.resolve("elsewhere");
        StoreDigest seen;
        try (SqliteKeyStore store = TestStores.open(temporary)) {
            seen = store.digest();
        }
        restore(directory);
        DigestWitness witness = new DigestWitness() {
            @Override
            public Optional<StoreDigest> lastSeen() {
                return Optional.of(seen);
            }

            @Override
            public void saw(StoreDigest digest) {}
        };
        try (SealSecret secret = secret()) {
            assertFails(
                    Reason.ROLLED_BACK,
                    "keystore accept-restore",
                    () -> SqliteKeyStore.open(directory, secret, witness));
            SqliteKeyStore.acceptRestore(directory, secret, witness).close();
        }
    }

    @Test
    void aWrongSecretRestoresNothing() {
        Path other = temporary.resolve("other-key");
        Path directory = temporary.resolve("elsewhere");
        try (SealSecret wrong = SealSecret.newKeyFile(other)) {
            assertThatThrownBy(() -> Backups.restore(file, directory, wrong))
                    .isInstanceOf(SealException.class)
                    .hasMessageContaining("wrong key file");
        }
        assertThat(directory).doesNotExist();
        assertThat(restore(directory)).isEqualTo(300);
    }

    @Test
    void anExistingKeyStoreIsNeverOverwritten() {
        assertFails(Reason.MISPLACED, "holds a key store already", () -> restore(temporary.resolve("ks")));
    }

    @Test
    void twoRestoresToOnePlaceLeaveOneWholeKeyStore() throws Exception {
        for (int round = 0; round < 20; round++) {
            Path directory = temporary.resolve("raced-" + round);
            CyclicBarrier start = new CyclicBarrier(2);
            List<Future<Boolean>> restores = new ArrayList<>();
            try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
                for (int i = 0; i < 2; i++) {
                    restores.add(threads.submit(() -> {
                        start.await();
                        try {
                            return restore(directory) == 300;
                        } catch (StoreException e) {
                            return false;
                        }
                    }));
                }
            }
            assertThat(restores.get(0).get() ^ restores.get(1).get()).isTrue();
            try (SealSecret secret = secret();
                    SqliteKeyStore store = SqliteKeyStore.open(directory, secret, DigestWitness.NONE)) {
                assertThat(store.verify()).isEqualTo(300);
            }
        }
    }

    @Test
    void everyCutIsNoticed() throws IOException {
        byte[] whole = Files.readAllBytes(file);
        Random random = new Random(1);
        for (int i = 0; i < 40; i++) {
            int length = i < 8 ? i : i == 8 ? whole.length - 1 : random.nextInt(whole.length);
            Files.write(file, Arrays.copyOf(whole, length));
            assertFails(Reason.BAD_BACKUP, "the backup is not usable", this::verify);
        }
        // cut after a whole frame: nothing but the missing last frame tells
        int header = 8 + 2 + 4 + ByteBuffer.wrap(whole).getInt(10) + 32;
        int frame = 4 + ByteBuffer.wrap(whole).getInt(header);
        Files.write(file, Arrays.copyOf(whole, header + frame));
        assertFails(Reason.BAD_BACKUP, "cut short", this::verify);
        Files.write(file, whole);
        assertThat(verify()).isEqualTo(300);
    }

    private long verify() {
        try (SealSecret secret = secret()) {
            return Backups.verify(file, secret);
        }
    }

    @Test
    void everyFlippedBitIsNoticed() throws IOException {
        byte[] whole = Files.readAllBytes(file);
        Random random = new Random(2);
        for (int i = 0; i < 60; i++) {
            int at = random.nextInt(whole.length);
            byte[] flipped = whole.clone();
            flipped[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, flipped);
            assertThatThrownBy(this::verify)
                    .as("byte %d", at)
                    .isInstanceOfAny(StoreException.class, SealException.class)
                    .message()
                    .doesNotContain("\n");
        }
        byte[] longer = Arrays.copyOf(whole, whole.length + 1);
        Files.write(file, longer);
        assertFails(Reason.BAD_BACKUP, "something follows its end", this::verify);
    }

    @Test
    void swappedFramesAreNoticed() throws IOException {
        byte[] whole = Files.readAllBytes(file);
        int header = 8 + 2 + 4 + ByteBuffer.wrap(whole).getInt(10) + 32;
        int frame = 4 + ByteBuffer.wrap(whole).getInt(header);
        byte[] swapped = whole.clone();
        System.arraycopy(whole, header, swapped, header + frame, frame);
        System.arraycopy(whole, header + frame, swapped, header, frame);
        Files.write(file, swapped);
        assertFails(Reason.BAD_BACKUP, "it was altered", this::verify);
    }

    @Test
    void aFailedRestoreLeavesNoKeyStoreBehind() throws IOException {
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length - 100));
        Path directory = temporary.resolve("elsewhere");
        assertFails(Reason.BAD_BACKUP, "cut short", () -> restore(directory));
        assertThat(directory.resolve("keystore.db")).doesNotExist();
        assertThat(directory.resolve("seals.json")).doesNotExist();
        Files.write(file, whole);
        assertThat(restore(directory)).isEqualTo(300);
    }

    @Test
    void nothingLegibleIsInABackup() throws IOException {
        String text = new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.ISO_8859_1);
        assertThat(text).contains("rootKeyId").doesNotContain("id-1").doesNotContain("idx-1");
    }
}

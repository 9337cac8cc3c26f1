package dev.sallyport.kms.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.kms.seal.SealException;
import dev.sallyport.kms.seal.SealSecret;
import dev.sallyport.kms.store.StoreException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteKeyStoreTest {
    @TempDir
    Path temporary;

    private Path directory;
    private Path keyFile;

    @BeforeEach
    void createStore() {
        directory = temporary.resolve("ks");
        keyFile = temporary.resolve("key");
        try (SealSecret secret = SealSecret.newKeyFile(keyFile)) {
            SqliteKeyStore.create(directory, secret);
        }
    }

    private SqliteKeyStore open() {
        try (SealSecret secret = SealSecret.keyFile(keyFile)) {
            return SqliteKeyStore.open(directory, secret, DigestWitness.NONE);
        }
    }

    private static Row row(String kind, String id, String payload) {
        return new Row(kind, id, null, payload.getBytes(UTF_8));
    }

    private static void put(KeyStore store, String kind, String id, String payload) {
        store.write(writer -> {
            writer.put(row(kind, id, payload));
            return true;
        });
    }

    private static boolean delete(KeyStore store, String kind, String id) {
        return store.write(writer -> writer.delete(kind, id));
    }

    private static Optional<Row> get(KeyStore store, String kind, String id) {
        return store.read(reader -> reader.get(kind, id));
    }

    @Test
    void rowsSurviveReopening() {
        long epoch;
        try (SqliteKeyStore store = open()) {
            put(store, "key", "a", "one");
            put(store, "key", "a", "two");
            put(store, "key", "b", "three");
            assertThat(delete(store, "key", "b")).isTrue();
            assertThat(delete(store, "key", "b")).isFalse();
            epoch = store.epoch();
        }
        try (SqliteKeyStore store = open()) {
            assertThat(epoch).isEqualTo(4);
            assertThat(store.epoch()).isEqualTo(epoch);
            assertThat(get(store, "key", "a").orElseThrow().payload()).isEqualTo("two".getBytes(UTF_8));
            assertThat(get(store, "key", "b")).isEmpty();
            assertThat(store.verify()).isEqualTo(1);
        }
    }

    @Test
    void aThrowingWriteUndoesItselfAlone() {
        try (SqliteKeyStore store = open()) {
            put(store, "key", "kept", "x");
            assertThatThrownBy(() -> store.write(writer -> {
                        writer.put(row("key", "lost", "y"));
                        writer.delete("key", "kept");
                        throw new IllegalStateException("no");
                    }))
                    .hasMessage("no");
            assertThat(store.epoch()).isEqualTo(1);
            assertThat(ids(store.read(reader -> reader.scan("key", "", null, 10))))
                    .containsExactly("kept");
            assertThat(store.verify()).isEqualTo(1);
        }
    }

    @Test
    void concurrentWritesAllCommitAndTheDigestHolds() throws Exception {
        try (SqliteKeyStore store = open()) {
            List<Future<?>> futures = new ArrayList<>();
            try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < 200; i++) {
                    String id = "id-" + i % 50;
                    String payload = "v" + i;
                    futures.add(executor.submit(() -> {
                        if (payload.endsWith("7")) {
                            assertThatThrownBy(() -> store.write(writer -> {
                                        writer.put(row("key", id, "undone"));
                                        throw new IllegalStateException("undo");
                                    }))
                                    .hasMessage("undo");
                        } else {
                            put(store, "key", id, payload);
                        }
                    }));
                }
            }
            for (Future<?> future : futures) {
                future.get();
            }
            assertThat(store.epoch()).isEqualTo(180);
            assertThat(store.verify()).isEqualTo(45);
            List<Row> rows = store.read(reader -> reader.scan("key", "", null, 100));
            assertThat(rows).noneMatch(row -> new String(row.payload(), UTF_8).equals("undone"));
        }
        try (SqliteKeyStore store = open()) {
            assertThat(store.epoch()).isEqualTo(180);
        }
    }

    @Test
    void scansByPrefixAndIndex() {
        try (SqliteKeyStore store = open()) {
            store.write(writer -> {
                for (String id : List.of("a/1", "a/2", "a/3", "b/1", "a", "é/1")) {
                    writer.put(row("key", id, id));
                }
                writer.put(new Row("due", "z", "2026-01-01", new byte[0]));
                writer.put(new Row("due", "y", "2026-01-02", new byte[0]));
                writer.put(new Row("due", "x", "2026-01-02", new byte[0]));
                writer.put(new Row("due", "w", "2026-01-03", new byte[0]));
                writer.put(new Row("due", "v", null, new byte[0]));
                return true;
            });
            assertThat(ids(store.read(reader -> reader.scan("key", "a/", null, 2))))
                    .containsExactly("a/1", "a/2");
            assertThat(ids(store.read(reader -> reader.scan("key", "a/", "a/2", 2))))
                    .containsExactly("a/3");
            assertThat(ids(store.read(reader -> reader.scan("key", "", null, 10))))
                    .containsExactly("a", "a/1", "a/2", "a/3", "b/1", "é/1");
            assertThat(ids(store.read(reader -> reader.scanIndex("due", "2026-01-01", "2026-01-03", null, 10))))
                    .containsExactly("z", "x", "y");
            assertThat(ids(store.read(reader -> reader.scanIndex("due", "2026-01-01", "2026-01-04", "x", 10))))
                    .containsExactly("y", "w");
        }
    }

    private static List<String> ids(List<Row> rows) {
        return rows.stream().map(Row::id).toList();
    }

    @Test
    void epochOfAKindRisesWithItsOwnRowsOnly() {
        try (SqliteKeyStore store = open()) {
            long before = store.epoch("key");
            put(store, "other", "a", "x");
            assertThat(store.epoch("key")).isEqualTo(before);
            put(store, "key", "a", "x");
            assertThat(store.epoch("key")).isGreaterThan(before);
        }
    }

    @Test
    void nothingLegibleIsOnTheDisk() throws IOException {
        try (SqliteKeyStore store = open()) {
            put(store, "key", "a", "PLAINTEXT-MARKER");
            put(store, "key", "a", "second");
        }
        try (var files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.ISO_8859_1))
                        .doesNotContain("PLAINTEXT-MARKER");
            }
        }
    }

    @Test
    void filesAreTheOwnersAlone() throws IOException {
        try (SqliteKeyStore store = open()) {
            put(store, "key", "a", "x");
            try (var files = Files.walk(directory)) {
                for (Path file : files.toList()) {
                    String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
                    assertThat(mode).as(file.toString()).isEqualTo(Files.isDirectory(file) ? "rwx------" : "rw-------");
                }
            }
        }
        Files.setPosixFilePermissions(directory.resolve("keystore.db"), PosixFilePermissions.fromString("rw-r-----"));
        assertRefused(Reason.PERMISSIONS, "keystore.db is open to group or others: chmod 600 it");
    }

    @Test
    void aSecondOwnerGetsOneClearLine() {
        try (SqliteKeyStore store = open()) {
            assertThat(store.epoch()).isZero();
            assertRefused(
                    Reason.IN_USE,
                    "is in use by process " + ProcessHandle.current().pid());
        }
        open().close();
    }

    @Test
    void aWrongSecretOpensNothing() {
        Path other = temporary.resolve("other");
        SealSecret.newKeyFile(other).close();
        try (SealSecret secret = SealSecret.keyFile(other)) {
            assertThatThrownBy(() -> SqliteKeyStore.open(directory, secret, DigestWitness.NONE))
                    .isInstanceOfSatisfying(
                            SealException.class,
                            e -> assertThat(e.reason()).isEqualTo(SealException.Reason.WRONG_SECRET))
                    .hasMessageContaining("wrong key file");
        }
        open().close();
    }

    @Test
    void aDirectoryWithoutAStoreSaysSo() {
        directory = temporary.resolve("none");
        assertRefused(Reason.MISPLACED, "is no key store");
        directory = temporary.resolve("ks");
        try (SealSecret secret = SealSecret.keyFile(keyFile)) {
            assertThatThrownBy(() -> SqliteKeyStore.create(directory, secret))
                    .hasMessageContaining("holds a key store already");
        }
    }

    @Test
    void aDamagedDatabaseFileSaysSo() throws IOException {
        Files.write(directory.resolve("keystore.db"), "no database at all, but long enough to be read".getBytes(UTF_8));
        assertRefused(Reason.CORRUPT, "is damaged");
    }

    private void assertRefused(Reason reason, String message) {
        assertThatThrownBy(this::open)
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.reason()).isEqualTo(reason))
                .hasMessageContaining(message)
                .message()
                .doesNotContain("\n");
    }
}

package dev.sallyport.kms.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.kms.seal.SealSecret;
import dev.sallyport.kms.store.StoreException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What somebody with write access to the files can do: nothing that is not noticed. Each change has its control. */
class StoreTamperTest {
    @TempDir
    Path temporary;

    private final Witness witness = new Witness();

    /** Remembers the last digest, as the audit journal does. */
    private static final class Witness implements DigestWitness {
        private @Nullable StoreDigest last;

        @Override
        public Optional<StoreDigest> lastSeen() {
            return Optional.ofNullable(last);
        }

        @Override
        public void saw(StoreDigest digest) {
            last = digest;
        }
    }

    @BeforeEach
    void fillStore() {
        try (SqliteKeyStore store = open()) {
            put(store, "a", "one");
            put(store, "b", "two");
            put(store, "c", "three");
        }
    }

    private SqliteKeyStore open() {
        return TestStores.open(temporary, witness);
    }

    private SqliteKeyStore acceptRestore() {
        try (SealSecret secret = SealSecret.keyFile(temporary.resolve("key"))) {
            return SqliteKeyStore.acceptRestore(temporary.resolve("ks"), secret, witness);
        }
    }

    private Path database() {
        return temporary.resolve("ks/keystore.db");
    }

    private static void put(KeyStore store, String id, String payload) {
        store.write(writer -> {
            writer.put(new Row("key", id, null, payload.getBytes(UTF_8)));
            return true;
        });
    }

    private void sql(String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database());
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.executeUpdate(each);
            }
        }
    }

    private void assertRefused(Reason reason, String message) {
        assertThatThrownBy(this::open)
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.reason()).isEqualTo(reason))
                .hasMessageContaining(message)
                .message()
                .doesNotContain("\n");
    }

    @Test
    void theSameBytesWrittenBackReadWell() throws SQLException {
        sql("UPDATE sealed_row SET sealed = sealed, idx = idx");
        try (SqliteKeyStore store = open()) {
            assertThat(store.verify()).isEqualTo(3);
        }
    }

    @Test
    void swappedRowsAreNamed() throws SQLException {
        sql(
                "UPDATE sealed_row SET id = 'x' WHERE id = 'a'",
                "UPDATE sealed_row SET id = 'a' WHERE id = 'b'",
                "UPDATE sealed_row SET id = 'b' WHERE id = 'x'");
        assertRefused(Reason.CORRUPT, "key store row key 'a' is damaged");
        assertThatThrownBy(this::acceptRestore).hasMessageContaining("key store row key 'a' is damaged");
    }

    @Test
    void anEditedPayloadIsNamed() throws SQLException {
        sql(
                "UPDATE sealed_row SET sealed = CAST(substr(sealed, 1, length(sealed) - 1) || x'00' AS BLOB) WHERE id = 'b'");
        assertRefused(Reason.CORRUPT, "key store row key 'b' is damaged");
    }

    @Test
    void anEditedIndexIsNamed() throws SQLException {
        sql("UPDATE sealed_row SET idx = '2026' WHERE id = 'c'");
        assertRefused(Reason.CORRUPT, "key store row key 'c' is damaged");
    }

    @Test
    void anEmptiedPayloadIsNamed() throws SQLException {
        sql("UPDATE sealed_row SET sealed = x'' WHERE id = 'c'");
        assertRefused(Reason.CORRUPT, "key store row key 'c' is damaged");
    }

    @Test
    void aRowDamagedWhileItServesIsNamed() throws SQLException {
        try (SqliteKeyStore store = open()) {
            sql("UPDATE sealed_row SET sealed = zeroblob(60) WHERE id = 'b'");
            assertThatThrownBy(() -> store.read(reader -> reader.get("key", "b")))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("key store row key 'b' is damaged");
            assertThatThrownBy(store::verify).hasMessageContaining("key store row key 'b' is damaged");
        }
    }

    @Test
    void aDeletedRowIsMissedUntilAccepted() throws SQLException {
        sql("DELETE FROM sealed_row WHERE id = 'b'");
        assertRefused(Reason.ROLLED_BACK, "keystore accept-restore");
        try (SqliteKeyStore store = acceptRestore()) {
            assertThat(store.verify()).isEqualTo(2);
        }
        try (SqliteKeyStore store = open()) {
            assertThat(store.verify()).isEqualTo(2);
        }
    }

    @Test
    void anOlderVersionOfARowIsNoticed() throws SQLException {
        sql("CREATE TABLE kept AS SELECT * FROM sealed_row WHERE id = 'a'");
        try (SqliteKeyStore store = open()) {
            put(store, "a", "newer");
        }
        sql("UPDATE sealed_row SET sealed = (SELECT sealed FROM kept) WHERE id = 'a'");
        assertRefused(Reason.ROLLED_BACK, "keystore accept-restore");
    }

    @Test
    void aForeignOrMissingStateIsNoticed() throws SQLException {
        sql("CREATE TABLE kept AS SELECT * FROM store_state");
        try (SqliteKeyStore store = open()) {
            put(store, "d", "four");
        }
        sql("UPDATE store_state SET sealed = (SELECT sealed FROM kept)");
        assertRefused(Reason.ROLLED_BACK, "keystore accept-restore");
        sql("UPDATE store_state SET sealed = zeroblob(145)");
        assertRefused(Reason.CORRUPT, "state row is damaged");
        sql("DELETE FROM store_state");
        assertRefused(Reason.CORRUPT, "has no state row");
    }

    @Test
    void anOlderDatabaseFileIsRefusedUntilAccepted() throws IOException {
        Path old = temporary.resolve("old.db");
        Files.copy(database(), old, StandardCopyOption.COPY_ATTRIBUTES);
        try (SqliteKeyStore store = open()) {
            put(store, "d", "four");
        }
        open().close();
        Files.copy(old, database(), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
        assertRefused(Reason.ROLLED_BACK, "is at change 3, the audit journal saw change 4");
        assertRefused(Reason.ROLLED_BACK, "keystore accept-restore");
        try (SqliteKeyStore store = acceptRestore()) {
            assertThat(store.epoch()).isGreaterThan(4);
            put(store, "e", "five");
        }
        try (SqliteKeyStore store = open()) {
            assertThat(store.verify()).isEqualTo(4);
        }
        // the copy that was accepted once is again an old one
        Files.copy(old, database(), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
        assertRefused(Reason.ROLLED_BACK, "is not the one that the audit journal saw");
    }

    @Test
    void aStoreAheadOfItsJournalOpens() {
        StoreDigest before = witness.lastSeen().orElseThrow();
        try (SqliteKeyStore store = open()) {
            put(store, "d", "four");
        }
        witness.saw(before); // as if the process had died between the commit and the journal's write
        try (SqliteKeyStore store = open()) {
            assertThat(store.verify()).isEqualTo(4);
        }
    }

    @Test
    void sealsOfAnotherStoreOpenNothing() throws IOException {
        Path other = Files.createDirectory(temporary.resolve("other"));
        TestStores.open(other).close();
        Files.copy(
                other.resolve("ks/seals.json"),
                temporary.resolve("ks/seals.json"),
                StandardCopyOption.REPLACE_EXISTING,
                StandardCopyOption.COPY_ATTRIBUTES);
        Files.copy(other.resolve("key"), temporary.resolve("key"), StandardCopyOption.REPLACE_EXISTING);
        assertRefused(Reason.CORRUPT, "row is damaged");
    }
}

package dev.sallyport.kms.audit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.kms.seal.SealSecret;
import dev.sallyport.kms.store.Row;
import dev.sallyport.kms.store.SqliteKeyStore;
import dev.sallyport.kms.store.StoreDigest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalWitnessTest {
    @TempDir
    Path temporary;

    private interface Action {
        void on(SqliteKeyStore store);
    }

    private void run(boolean accept, Action action) {
        Path directory = temporary.resolve("ks");
        try (SealSecret secret = SealSecret.keyFile(temporary.resolve("key"));
                JournalWitness witness = new JournalWitness(directory.resolve("audit"), JournalOptions.defaults());
                SqliteKeyStore store = accept
                        ? SqliteKeyStore.acceptRestore(directory, secret, witness)
                        : SqliteKeyStore.open(directory, secret, witness)) {
            action.on(store);
        }
    }

    private static void put(SqliteKeyStore store, String id) {
        store.write(writer -> {
            writer.put(new Row("key", id, null, id.getBytes(UTF_8)));
            return true;
        });
    }

    @Test
    void theJournalRefusesAnOlderStoreUntilItIsAccepted() throws IOException {
        try (SealSecret secret = SealSecret.newKeyFile(temporary.resolve("key"))) {
            SqliteKeyStore.create(temporary.resolve("ks"), secret);
        }
        run(false, store -> put(store, "a"));
        Path database = temporary.resolve("ks/keystore.db");
        Path old = temporary.resolve("old.db");
        Files.copy(database, old, StandardCopyOption.COPY_ATTRIBUTES);
        StoreDigest[] last = new StoreDigest[1];
        run(false, store -> {
            put(store, "b");
            last[0] = store.digest();
        });
        try (JournalWitness witness = new JournalWitness(temporary.resolve("ks/audit"), JournalOptions.defaults())) {
            assertThat(witness.lastSeen()).contains(last[0]);
        }
        Files.copy(old, database, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
        assertThatThrownBy(() -> run(false, store -> put(store, "never")))
                .hasMessageContaining("is at change 1, the audit journal saw change 2")
                .hasMessageContaining("keystore accept-restore");
        run(true, store -> assertThat(store.verify()).isEqualTo(1));
        run(false, store -> assertThat(store.verify()).isEqualTo(1));
    }
}

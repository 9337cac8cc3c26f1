package dev.sallyport.kms.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.kms.store.StoreException.Reason;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

class StoreFailureTest {
    @TempDir
    Path temporary;

    private static void put(KeyStore store, String id, int length) {
        byte[] payload = new byte[length];
        new Random(1).nextBytes(payload);
        store.write(writer -> {
            writer.put(new Row("key", id, null, payload));
            return true;
        });
    }

    private static void limitPages(SqliteKeyStore store, int pages) {
        store.write(writer -> ((SqlRowWriter) writer)
                .handle
                .createQuery("PRAGMA max_page_count = " + pages)
                .mapTo(Integer.class)
                .one());
    }

    @Test
    void aFullDiskRefusesWritesLosesNothingAndRecovers() {
        try (SqliteKeyStore store = TestStores.open(temporary)) {
            put(store, "before", 100);
            limitPages(store, 20);
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> put(store, "big", 500_000))
                        .isInstanceOfSatisfying(
                                StoreException.class,
                                e -> assertThat(e.reason()).isEqualTo(Reason.FULL))
                        .hasMessageContaining("is full: nothing was written");
            }
            assertThat(store.verify()).isEqualTo(1);
            assertThat(store.epoch()).isEqualTo(1);
            limitPages(store, 1_000_000);
            put(store, "after", 500_000);
            assertThat(store.verify()).isEqualTo(2);
        }
        try (SqliteKeyStore store = TestStores.open(temporary)) {
            assertThat(store.epoch()).isEqualTo(2);
            assertThat(store.verify()).isEqualTo(2);
        }
    }

    @Test
    void onlyAFailedSyncLatches() {
        StoreFiles files = new StoreFiles(temporary);
        assertThat(reason(files, SQLiteErrorCode.SQLITE_IOERR_FSYNC)).isEqualTo(Reason.LATCHED);
        assertThat(reason(files, SQLiteErrorCode.SQLITE_IOERR_DIR_FSYNC)).isEqualTo(Reason.LATCHED);
        assertThat(reason(files, SQLiteErrorCode.SQLITE_FULL)).isEqualTo(Reason.FULL);
        assertThat(reason(files, SQLiteErrorCode.SQLITE_IOERR_WRITE)).isEqualTo(Reason.IO);
        assertThat(reason(files, SQLiteErrorCode.SQLITE_CORRUPT)).isEqualTo(Reason.CORRUPT);
    }

    private static Reason reason(StoreFiles files, SQLiteErrorCode code) {
        return SqliteErrors.translate(files, new IllegalStateException(new SQLiteException("x", code)))
                .reason();
    }

    @Test
    void aLatchedStoreRefusesWritesButReads() {
        try (SqliteKeyStore store = TestStores.open(temporary)) {
            put(store, "a", 10);
            assertThatThrownBy(() -> store.write(writer -> {
                        throw new IllegalStateException(
                                new SQLiteException("fsync", SQLiteErrorCode.SQLITE_IOERR_FSYNC));
                    }))
                    .hasMessageContaining("an fsync of key store");
            assertThatThrownBy(() -> put(store, "b", 10))
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.LATCHED));
            assertThat(store.verify()).isEqualTo(1);
        }
        try (SqliteKeyStore store = TestStores.open(temporary)) {
            put(store, "b", 10);
        }
    }

    @Test
    void aClosedStoreSaysSo() {
        SqliteKeyStore store = TestStores.open(temporary);
        store.close();
        store.close();
        assertThatThrownBy(() -> put(store, "a", 1)).hasMessageContaining("is closed");
        assertThatThrownBy(store::verify).hasMessageContaining("is closed");
    }

    /** Rounds of the kill loop: {@code -Dsallyport.kill.rounds=N}. */
    @Test
    void whatWasAcknowledgedSurvivesAKill() throws IOException, InterruptedException {
        int rounds = Integer.getInteger("sallyport.kill.rounds", 3);
        TestStores.open(temporary).close();
        Random random = new Random(7);
        List<String> acknowledged = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            Process writer = new ProcessBuilder(
                            ProcessHandle.current().info().command().orElseThrow(),
                            "--enable-native-access=ALL-UNNAMED",
                            "-cp",
                            System.getProperty("java.class.path"),
                            KillTarget.class.getName(),
                            temporary.toString(),
                            "round-" + round)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            int survive = 1 + random.nextInt(60);
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(writer.getInputStream(), StandardCharsets.US_ASCII))) {
                for (int i = 0; i < survive; i++) {
                    String id = lines.readLine();
                    assertThat(id).as("the writer ended by itself").isNotNull();
                    acknowledged.add(id);
                }
                writer.toHandle().destroyForcibly(); // the process's own method would close its output unread
                lines.lines().filter(line -> line.endsWith(".")).forEach(acknowledged::add);
            }
            writer.waitFor();
            try (SqliteKeyStore store = TestStores.open(temporary)) {
                List<Row> rows = store.read(reader -> reader.scan("key", "", null, 1_000_000));
                assertThat(rows).extracting(Row::id).containsAll(acknowledged);
                assertThat(store.verify()).isEqualTo(rows.size());
            }
        }
    }

    /** Writes rows from several threads, and prints each one's id once it is acknowledged. */
    static final class KillTarget {
        private KillTarget() {}

        public static void main(String[] arguments) throws InterruptedException {
            SqliteKeyStore store = TestStores.open(Path.of(arguments[0]));
            Thread[] threads = new Thread[4];
            for (int t = 0; t < threads.length; t++) {
                String prefix = arguments[1] + "-" + t + "-";
                threads[t] = Thread.ofPlatform().start(() -> {
                    for (int i = 0; i < 100_000; i++) {
                        String id = prefix + i + ".";
                        put(store, id, 200);
                        System.out.println(id);
                    }
                });
            }
            for (Thread thread : threads) {
                thread.join();
            }
        }
    }
}

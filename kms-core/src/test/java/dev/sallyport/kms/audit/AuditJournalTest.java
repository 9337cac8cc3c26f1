package dev.sallyport.kms.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.kms.AuditReceipt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditJournalTest {
    @TempDir
    Path directory;

    private static JournalOptions small(long bytes) {
        return new JournalOptions(
                bytes,
                Duration.ofDays(1),
                Duration.ofDays(90),
                Duration.ofMillis(20),
                Clock.fixed(AuditEvents.TIME, ZoneOffset.UTC));
    }

    static List<JournalRecord> read(Path directory) throws IOException {
        List<JournalRecord> all = new ArrayList<>();
        for (Path segment : JournalRecovery.segments(directory)) {
            try (SegmentScanner scanner = new SegmentScanner(segment)) {
                for (JournalRecord record = scanner.next(); record != null; record = scanner.next()) {
                    all.add(record);
                }
            }
        }
        return all;
    }

    @Test
    void keepsWhatItAcknowledged() throws IOException {
        try (AuditJournal journal = AuditJournal.open(directory, AuditEvents.options())) {
            journal.append(AuditEvents.decrypt("r-1", AuditEvents.TIME)).await();
            assertThat(read(directory)).singleElement().satisfies(record -> {
                assertThat(record.sequence()).isEqualTo(1);
                assertThat(record.time()).isEqualTo(AuditEvents.TIME);
                assertThat(record.json()).contains("\"requestID\":\"r-1\"");
            });
        }
        try (AuditJournal journal = AuditJournal.open(directory, AuditEvents.options())) {
            journal.append(AuditEvents.decrypt("r-2", AuditEvents.TIME)).await();
        }
        assertThat(read(directory)).extracting(JournalRecord::sequence).containsExactly(1L, 2L);
    }

    @Test
    void commitsManyWritersInFewSyncs() throws Exception {
        FaultyFiles files = new FaultyFiles();
        files.syncDelay = Duration.ofMillis(5);
        try (AuditJournal journal = AuditJournal.open(directory, AuditEvents.options(), files);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            int before = files.syncs.get();
            List<Future<?>> done = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                String id = "r-" + i;
                done.add(threads.submit(() -> {
                    for (int n = 0; n < 5; n++) {
                        journal.append(AuditEvents.decrypt(id + "-" + n, AuditEvents.TIME))
                                .await();
                    }
                }));
            }
            for (Future<?> each : done) {
                each.get();
            }
            assertThat(files.syncs.get() - before).isLessThan(250);
        }
        assertThat(read(directory)).hasSize(1_000);
    }

    @Test
    void cutsATornTailAtEveryByte() throws IOException {
        try (AuditJournal journal = AuditJournal.open(directory, AuditEvents.options())) {
            for (int i = 0; i < 3; i++) {
                journal.append(AuditEvents.decrypt("r-" + i, AuditEvents.TIME)).await();
            }
        }
        Path segment = JournalRecovery.segments(directory).getFirst();
        byte[] whole = Files.readAllBytes(segment);
        List<JournalRecord> records = read(directory);
        int lastSize = records.getLast().size();
        for (int cut = whole.length - lastSize; cut < whole.length; cut++) {
            Files.write(segment, java.util.Arrays.copyOf(whole, cut));
            try (AuditJournal journal = AuditJournal.open(directory, AuditEvents.options())) {
                journal.append(AuditEvents.decrypt("next", AuditEvents.TIME)).await();
            }
            List<JournalRecord> after = read(directory);
            assertThat(after).extracting(JournalRecord::sequence).containsExactly(1L, 2L, 3L);
            assertThat(after.getLast().json()).contains("\"next\"");
        }
    }

    @Test
    void refusesDamageToAcknowledgedRecords() throws IOException {
        try (AuditJournal journal = AuditJournal.open(directory, AuditEvents.options())) {
            for (int i = 0; i < 3; i++) {
                journal.append(AuditEvents.decrypt("r-" + i, AuditEvents.TIME)).await();
            }
        }
        Path segment = JournalRecovery.segments(directory).getFirst();
        byte[] whole = Files.readAllBytes(segment);
        int firstTwo = read(directory).get(0).size() + read(directory).get(1).size();
        for (int at = 0; at < JournalFormat.SEGMENT_HEADER + firstTwo; at += 7) {
            byte[] edited = whole.clone();
            edited[at] ^= 1;
            Files.write(segment, edited);
            assertThatThrownBy(() -> AuditJournal.open(directory, AuditEvents.options()))
                    .as("byte %d", at)
                    .isInstanceOf(JournalCorruptException.class);
        }
        Files.write(segment, whole);
        AuditJournal.open(directory, AuditEvents.options()).close();
    }

    @Test
    void refusesWhileTheDiskIsFullAndRecovers() throws Exception {
        FaultyFiles files = new FaultyFiles();
        try (AuditJournal journal = AuditJournal.open(directory, small(1 << 20), files)) {
            journal.append(AuditEvents.decrypt("before", AuditEvents.TIME)).await();
            files.room = 100; // a part of the record, then no more
            AuditReceipt refused = journal.append(AuditEvents.decrypt("refused", AuditEvents.TIME));
            assertThatThrownBy(refused::await).hasMessageContaining("takes no events");
            assertThat(journal.state()).isEqualTo(JournalState.DISK_FULL);
            assertThatThrownBy(() -> journal.append(AuditEvents.decrypt("refused too", AuditEvents.TIME)))
                    .hasMessageContaining("takes no events");
            files.room = Long.MAX_VALUE;
            long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
            while (journal.state() != JournalState.OPEN && System.nanoTime() < deadline) {
                Thread.sleep(10);
            }
            journal.append(AuditEvents.decrypt("after", AuditEvents.TIME)).await();
        }
        assertThat(read(directory)).hasSize(2);
        assertThat(read(directory).getLast().json()).contains("\"after\"");
    }

    @Test
    void latchesAfterAFailedSync() throws IOException {
        FaultyFiles files = new FaultyFiles();
        try (AuditJournal journal = AuditJournal.open(directory, small(1 << 20), files)) {
            journal.append(AuditEvents.decrypt("before", AuditEvents.TIME)).await();
            files.failSync = true;
            AuditReceipt refused = journal.append(AuditEvents.decrypt("refused", AuditEvents.TIME));
            assertThatThrownBy(refused::await).hasMessageContaining("takes no events");
            files.failSync = false;
            assertThat(journal.state()).isEqualTo(JournalState.LATCHED);
            assertThatThrownBy(() -> journal.append(AuditEvents.decrypt("refused too", AuditEvents.TIME)))
                    .hasMessageContaining("takes no events");
        }
        try (AuditJournal journal = AuditJournal.open(directory, small(1 << 20))) {
            assertThat(journal.state()).isEqualTo(JournalState.OPEN);
            journal.append(AuditEvents.decrypt("after", AuditEvents.TIME)).await();
        }
    }

    @Test
    void rollsAndForgetsOldSegments() throws IOException {
        Instant old = AuditEvents.TIME.minus(Duration.ofDays(100));
        try (AuditJournal journal = AuditJournal.open(directory, small(4_096))) {
            journal.appendStoreDigest(new StoreDigest(7, "c0ffee"), old).await();
            for (int i = 0; i < 20; i++) {
                journal.append(AuditEvents.decrypt("r-" + i, old)).await();
            }
        }
        assertThat(JournalRecovery.segments(directory)).hasSizeLessThan(3);
        try (AuditJournal journal = AuditJournal.open(directory, small(4_096))) {
            assertThat(journal.lastStoreDigest()).isEqualTo(new StoreDigest(7, "c0ffee"));
            for (int i = 0; i < 20; i++) {
                journal.append(AuditEvents.decrypt("n-" + i, AuditEvents.TIME)).await();
            }
        }
        List<JournalRecord> kept = read(directory);
        // a segment that fills up with the last event is followed by one that begins with the store's digest
        assertThat(kept.stream()
                        .filter(r -> r.json().contains("requestID"))
                        .toList()
                        .getLast()
                        .json())
                .contains("\"n-19\"");
        assertThat(kept.stream().filter(r -> r.json().contains("\"requestID\":\"n-")))
                .hasSize(20);
        for (int i = 1; i < kept.size(); i++) {
            assertThat(kept.get(i).sequence()).isEqualTo(kept.get(i - 1).sequence() + 1);
        }
    }

    @Test
    void belongsToOneAtATime() throws IOException {
        try (AuditJournal journal = AuditJournal.open(directory, AuditEvents.options())) {
            assertThat(journal.state()).isEqualTo(JournalState.OPEN);
            assertThatThrownBy(() -> AuditJournal.open(directory, AuditEvents.options()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("another process");
        }
    }
}

package dev.sallyport.kms.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The zeros that the writer keeps ahead of the last record, and what a crash leaves of them. */
class ReservedRoomTest {
    private static final int SEGMENT = 1 << 20;

    @TempDir
    Path directory;

    private static JournalOptions options() {
        return options(SEGMENT);
    }

    private static JournalOptions options(int segmentBytes) {
        return new JournalOptions(
                segmentBytes,
                Duration.ofDays(1),
                Duration.ofDays(90),
                Duration.ofMillis(20),
                Clock.fixed(AuditEvents.TIME, ZoneOffset.UTC));
    }

    private Path segment() throws IOException {
        return JournalRecovery.segments(directory).getLast();
    }

    /** What is on the disk while the journal is open: the state after a crash. */
    private byte[] crashed(int events) throws IOException {
        byte[] bytes;
        try (AuditJournal journal = AuditJournal.open(directory, options())) {
            for (int i = 0; i < events; i++) {
                journal.append(AuditEvents.decrypt("r-" + i, AuditEvents.TIME)).await();
            }
            bytes = Files.readAllBytes(segment());
        }
        return bytes;
    }

    private void append(String id) throws IOException {
        try (AuditJournal journal = AuditJournal.open(directory, options())) {
            journal.append(AuditEvents.decrypt(id, AuditEvents.TIME)).await();
        }
    }

    @Test
    void isThereWhileTheJournalIsOpenAndGoneWhenItIsClosed() throws IOException {
        byte[] open = crashed(3);
        assertThat(open).hasSize(SEGMENT);
        int end = (int) Files.size(segment());
        assertThat(end).isLessThan(8_192);
        assertThat(Arrays.copyOfRange(open, 0, end)).isEqualTo(Files.readAllBytes(segment()));
        assertThat(Arrays.copyOfRange(open, end, open.length)).containsOnly(0);
    }

    @Test
    void isTheEndForWhoReadsMeanwhile() throws IOException {
        try (AuditJournal journal = AuditJournal.open(directory, options())) {
            journal.append(AuditEvents.decrypt("r-0", AuditEvents.TIME)).await();
            JournalReader.Verification found = new JournalReader(directory).verify();
            assertThat(found.problems()).isEmpty();
            assertThat(found.tornTail()).isFalse();
            assertThat(found.records()).isEqualTo(1);
        }
    }

    @Test
    void goesOnBehindTheLastRecordAfterACrash() throws IOException {
        byte[] bytes = crashed(3);
        Files.write(segment(), bytes);
        append("next");
        assertThat(AuditJournalTest.read(directory))
                .extracting(JournalRecord::sequence)
                .containsExactly(1L, 2L, 3L, 4L);
        assertThat(Files.size(segment())).isLessThan(8_192);
    }

    @Test
    void cutsARecordThatIsTornAmongTheZeros() throws IOException {
        byte[] bytes = crashed(3);
        int end = (int) Files.size(segment());
        int last = AuditJournalTest.read(directory).getLast().size();
        for (int from = end - last; from < end; from += 13) {
            // the start of the record is on the disk and its end is not, or the other way round
            byte[] start = bytes.clone();
            Arrays.fill(start, from, end, (byte) 0);
            byte[] rest = bytes.clone();
            Arrays.fill(rest, end - last, Math.min(from + 4, end), (byte) 0);
            for (byte[] torn : new byte[][] {start, rest}) {
                Files.write(segment(), torn);
                append("next");
                assertThat(AuditJournalTest.read(directory))
                        .extracting(JournalRecord::sequence)
                        .containsExactly(1L, 2L, 3L);
                assertThat(AuditJournalTest.read(directory).getLast().json()).contains("\"next\"");
            }
        }
    }

    @Test
    void refusesZerosWhereAnAcknowledgedRecordWas() throws IOException {
        byte[] bytes = crashed(3);
        int first = AuditJournalTest.read(directory).getFirst().size();
        Arrays.fill(bytes, JournalFormat.SEGMENT_HEADER, JournalFormat.SEGMENT_HEADER + first, (byte) 0);
        Files.write(segment(), bytes);
        assertThatThrownBy(() -> AuditJournal.open(directory, options()))
                .isInstanceOf(JournalCorruptException.class)
                .hasMessageContaining("record 1");
        assertThat(new JournalReader(directory).verify().problems()).hasSize(1);
    }

    @Test
    void removesASegmentWhoseBeginningDidNotReachTheDisk() throws IOException {
        append("r-0");
        Path begun = directory.resolve(JournalFormat.segmentName(2));
        Files.write(begun, new byte[JournalFormat.MAX_BEGINNING]);
        append("r-1");
        assertThat(begun).doesNotExist();
        assertThat(AuditJournalTest.read(directory)).hasSize(2);
        // room is reserved only behind a beginning that is durable
        Files.write(directory.resolve(JournalFormat.segmentName(3)), new byte[JournalFormat.MAX_BEGINNING + 1]);
        assertThatThrownBy(() -> append("r-2")).isInstanceOf(JournalCorruptException.class);
    }

    @Test
    void aClosedSegmentMayEndInZeros() throws IOException {
        byte[] content = new byte[0];
        Path first;
        try (AuditJournal journal = AuditJournal.open(directory, options(4_096))) {
            for (int i = 0; JournalRecovery.segments(directory).size() < 2; i++) {
                journal.append(AuditEvents.decrypt("r-" + i, AuditEvents.TIME)).await();
            }
            first = JournalRecovery.segments(directory).getFirst();
            content = Files.readAllBytes(first);
        }
        Files.write(first, Arrays.copyOf(content, content.length + 10_000));
        JournalReader.Verification found = new JournalReader(directory).verify();
        assertThat(found.problems()).isEmpty();
        assertThat(found.segments()).isEqualTo(2);
        Files.write(first, Arrays.copyOf(content, content.length - 1));
        assertThat(new JournalReader(directory).verify().problems()).isNotEmpty();
    }

    @Test
    void appendsWhereThereIsNoRoomToReserve() throws IOException {
        FaultyFiles files = new FaultyFiles();
        files.room = 4_096;
        try (AuditJournal journal = AuditJournal.open(directory, options(), files)) {
            files.room = Long.MAX_VALUE;
            journal.append(AuditEvents.decrypt("r-0", AuditEvents.TIME)).await();
            assertThat(journal.state()).isEqualTo(JournalState.OPEN);
            assertThat(Files.size(segment())).isLessThan(4_096);
        }
        assertThat(AuditJournalTest.read(directory)).hasSize(1);
    }
}

package dev.sallyport.kms.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalReaderTest {
    @TempDir
    Path directory;

    private JournalReader reader;

    /** Thirty events, a minute apart, in segments of a few each. */
    @BeforeEach
    void fill() throws IOException {
        JournalOptions options = new JournalOptions(
                4_096,
                Duration.ofDays(1),
                Duration.ofDays(90),
                Duration.ofMillis(20),
                Clock.fixed(AuditEvents.TIME, ZoneOffset.UTC));
        try (AuditJournal journal = AuditJournal.open(directory, options)) {
            journal.appendStoreDigest(new StoreDigest(1, "abcd"), AuditEvents.TIME)
                    .await();
            for (int i = 0; i < 30; i++) {
                journal.append(AuditEvents.decrypt("r-" + i, AuditEvents.TIME.plusSeconds(60L * i)))
                        .await();
            }
        }
        reader = new JournalReader(directory);
        assertThat(JournalRecovery.segments(directory)).hasSizeGreaterThan(3);
    }

    private List<String> find(
            @Nullable String key,
            @Nullable String principal,
            @Nullable String event,
            @Nullable Instant since,
            @Nullable Instant until,
            @Nullable Boolean success,
            @Nullable String requestId)
            throws IOException {
        List<String> found = new ArrayList<>();
        reader.find(
                new AuditQuery(key, principal, event, since, until, success, requestId),
                record -> found.add(
                        EventTokens.parse(record.json()).path("requestID").asText()));
        return found;
    }

    @Test
    void findsByEveryWord() throws IOException {
        String keyId = EventTokens.keyId(AuditEvents.KEY);
        assertThat(find(AuditEvents.KEY, "alice", "Decrypt", null, null, true, null))
                .hasSize(30);
        assertThat(find(keyId, AuditEvents.ALICE.arn(), null, null, null, null, null))
                .hasSize(30);
        assertThat(find(null, null, null, null, null, null, "r-17")).containsExactly("r-17");
        assertThat(find(
                        null,
                        null,
                        null,
                        AuditEvents.TIME.plusSeconds(120),
                        AuditEvents.TIME.plusSeconds(240),
                        null,
                        null))
                .containsExactly("r-2", "r-3");
        assertThat(find(null, "bob", null, null, null, null, null)).isEmpty();
        assertThat(find(null, null, null, null, null, false, null)).isEmpty();
        assertThat(find(null, null, "Encrypt", null, null, null, null)).isEmpty();
    }

    @Test
    void findsTheSameWithoutAnIndexAndRebuildsIt() throws IOException {
        Path first = JournalRecovery.segments(directory).getFirst();
        Path index = JournalFormat.indexOf(first);
        byte[] built = Files.readAllBytes(index);
        byte[] damaged = built.clone();
        damaged[100] ^= 1;
        Files.write(index, damaged);
        assertThat(find(null, null, null, null, null, null, "r-0")).containsExactly("r-0");
        Files.delete(index);
        assertThat(find(null, null, null, null, null, null, "r-0")).containsExactly("r-0");
        AuditJournal.open(directory, AuditEvents.options()).close();
        assertThat(Files.readAllBytes(index)).isEqualTo(built);
    }

    @Test
    void tailsAcrossSegmentsAndGoesOn() throws IOException {
        JournalReader.Last last = reader.last(12);
        assertThat(last.events())
                .extracting(record ->
                        EventTokens.parse(record.json()).path("requestID").asText())
                .startsWith("r-18")
                .endsWith("r-29")
                .hasSize(12);
        try (AuditJournal journal = AuditJournal.open(directory, AuditEvents.options())) {
            journal.append(AuditEvents.decrypt("new", AuditEvents.TIME)).await();
            List<String> more = new ArrayList<>();
            long next = reader.from(last.nextSequence(), record -> more.add(record.json()));
            assertThat(more).singleElement().asString().contains("\"new\"");
            assertThat(next).isEqualTo(last.nextSequence() + 1);
            assertThat(reader.verify().problems()).isEmpty();
        }
    }

    @Test
    void verifiesTheWholeChain() throws IOException {
        JournalReader.Verification found = reader.verify();
        List<JournalRecord> records = AuditJournalTest.read(directory);
        assertThat(found.problems()).isEmpty();
        assertThat(found.tornTail()).isFalse();
        assertThat(found.records()).isEqualTo(records.size());
        assertThat(found.headHex())
                .isEqualTo(HexFormat.of().formatHex(records.getLast().hash()));
    }

    @Test
    void seesEditedBytesAndMissingSegments() throws IOException {
        List<Path> segments = JournalRecovery.segments(directory);
        Path second = segments.get(1);
        byte[] whole = Files.readAllBytes(second);
        for (int at = 0; at < whole.length; at += 101) {
            byte[] edited = whole.clone();
            edited[at] ^= 1;
            Files.write(second, edited);
            assertThat(reader.verify().problems()).as("byte %d", at).isNotEmpty();
        }
        Files.delete(second);
        assertThat(reader.verify().problems()).isNotEmpty();
        Files.write(second, whole);
        assertThat(reader.verify().problems()).isEmpty();
    }

    @Test
    void seesAnEditWhoseChecksumWasMadeRight() throws IOException {
        Path first = JournalRecovery.segments(directory).getFirst();
        byte[] bytes = Files.readAllBytes(first);
        java.nio.ByteBuffer at = java.nio.ByteBuffer.wrap(bytes).position(JournalFormat.SEGMENT_HEADER);
        JournalRecord digest = Objects.requireNonNull(JournalFormat.read(at));
        at.position(at.position() + digest.size());
        JournalRecord event = Objects.requireNonNull(JournalFormat.read(at));
        byte[] payload = event.json().replace("alice", "mally").getBytes(java.nio.charset.StandardCharsets.UTF_8);
        JournalFormat.put(
                at,
                new JournalRecord(
                        event.kind(), event.sequence(), event.timeMillis(), event.durable(), event.hash(), payload));
        Files.write(first, bytes);
        assertThat(reader.verify().problems()).first().asString().contains("does not continue the chain");
    }

    @Test
    void callsAnUnfinishedEndTorn() throws IOException {
        Path last = JournalRecovery.segments(directory).getLast();
        byte[] whole = Files.readAllBytes(last);
        Files.write(last, java.util.Arrays.copyOf(whole, whole.length - 1));
        assertThat(reader.verify().tornTail()).isTrue();
        assertThat(reader.verify().problems()).isEmpty();
    }
}

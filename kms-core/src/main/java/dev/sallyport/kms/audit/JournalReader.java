package dev.sallyport.kms.audit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;

/**
 * Reads a journal's directory, also while a gateway writes to it; changes nothing. What the writer has not finished yet looks
 * like a torn tail and is left out.
 */
public final class JournalReader {
    /** The most events that {@link #last} holds in memory. */
    public static final int MAX_LAST = 10_000;

    private final Path directory;

    /**
     * @throws IOException when there is no such directory
     */
    public JournalReader(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new NoSuchFileException(directory.toString(), null, "no journal directory");
        }
        this.directory = directory;
    }

    /**
     * The last events, oldest first, and where to go on.
     *
     * @param count 0 to {@link #MAX_LAST}
     */
    public Last last(int count) throws IOException {
        if (count < 0 || count > MAX_LAST) {
            throw new IllegalArgumentException("count is 0 to " + MAX_LAST);
        }
        Deque<JournalRecord> found = new ArrayDeque<>();
        long next = 1;
        List<Path> segments = JournalRecovery.segments(directory);
        for (int i = segments.size() - 1; i >= 0 && (found.size() < count || i == segments.size() - 1); i--) {
            Deque<JournalRecord> here = new ArrayDeque<>();
            int wanted = count - found.size();
            try (SegmentScanner scanner = new SegmentScanner(segments.get(i))) {
                for (JournalRecord record = scanner.next(); record != null; record = scanner.next()) {
                    if (record.isEvent() && wanted > 0) {
                        here.addLast(record);
                        if (here.size() > wanted) {
                            here.removeFirst();
                        }
                    }
                }
                next = Math.max(next, scanner.nextSequence());
            } catch (NoSuchFileException e) {
                break; // retention was faster
            }
            here.descendingIterator().forEachRemaining(found::addFirst);
        }
        return new Last(List.copyOf(found), next);
    }

    /**
     * An end of the journal.
     *
     * @param events oldest first
     * @param nextSequence the number of the record that comes next
     */
    public record Last(List<JournalRecord> events, long nextSequence) {}

    /**
     * Hands over the events from a number on.
     *
     * @return the number to ask from the next time
     */
    public long from(long sequence, Consumer<JournalRecord> events) throws IOException {
        List<Path> segments = JournalRecovery.segments(directory);
        int start = 0;
        for (int i = 0; i < segments.size(); i++) {
            if (firstSequence(segments.get(i)) <= sequence) {
                start = i;
            }
        }
        long next = sequence;
        for (Path segment : segments.subList(start, segments.size())) {
            try (SegmentScanner scanner = new SegmentScanner(segment)) {
                for (JournalRecord record = scanner.next(); record != null; record = scanner.next()) {
                    if (record.sequence() >= next) {
                        next = record.sequence() + 1;
                        if (record.isEvent()) {
                            events.accept(record);
                        }
                    }
                }
            }
        }
        return next;
    }

    private static long firstSequence(Path segment) {
        String name = segment.getFileName().toString();
        return Long.parseLong(name.substring(0, name.length() - JournalFormat.SEGMENT_SUFFIX.length()));
    }

    /** Hands over every event that matches, oldest first; segments that their index rules out are not read. */
    public void find(AuditQuery query, Consumer<JournalRecord> events) throws IOException {
        for (Path segment : JournalRecovery.segments(directory)) {
            SegmentIndex index = SegmentIndex.read(JournalFormat.indexOf(segment));
            if (index != null && !query.mayMatch(index)) {
                continue;
            }
            try (SegmentScanner scanner = new SegmentScanner(segment)) {
                for (JournalRecord record = scanner.next(); record != null; record = scanner.next()) {
                    if (query.matches(record)) {
                        events.accept(record);
                    }
                }
            } catch (NoSuchFileException e) {
                // retention deleted it meanwhile: none of it is asked for any more
            }
        }
    }

    /**
     * What a check of the whole journal found.
     *
     * @param segments how many there are
     * @param records how many whole records that continue the chain
     * @param nextSequence the number that the next record will have
     * @param headHex the hash of the last record: kept elsewhere, it shows later whether the end was cut off
     * @param tornTail whether an unfinished record stands at the end
     * @param problems what is damaged, edited or missing, each with its file; empty when all is well
     */
    public record Verification(
            int segments, long records, long nextSequence, String headHex, boolean tornTail, List<String> problems) {
        public Verification {
            problems = List.copyOf(problems);
        }
    }

    /** Checks every checksum, number and link of the chain, through all segments. */
    public Verification verify() throws IOException {
        List<String> problems = new ArrayList<>();
        List<Path> segments = JournalRecovery.segments(directory);
        long records = 0;
        long next = 0;
        byte[] hash = JournalFormat.emptyHash();
        boolean torn = false;
        for (int i = 0; i < segments.size(); i++) {
            Path segment = segments.get(i);
            boolean last = i == segments.size() - 1;
            try (SegmentScanner scanner = new SegmentScanner(segment)) {
                JournalFormat.SegmentHeader header = scanner.header();
                if (header == null) {
                    if (last && Files.size(segment) < JournalFormat.SEGMENT_HEADER) {
                        torn = true;
                    } else {
                        problems.add(segment.getFileName() + ": the segment's header is damaged");
                    }
                    continue;
                }
                boolean named = header.firstSequence() == firstSequence(segment);
                if (!named || (i > 0 && header.firstSequence() != next)) {
                    problems.add("%s: begins with record %d, expected %d"
                            .formatted(
                                    segment.getFileName(),
                                    header.firstSequence(),
                                    i > 0 ? next : firstSequence(segment)));
                } else if (i > 0 && !Arrays.equals(header.previousHash(), hash)) {
                    problems.add(segment.getFileName() + ": does not continue the chain of the segment before");
                }
                while (scanner.next() != null) {
                    records++;
                }
                SegmentScanner.Tail tail = scanner.tail();
                if (tail == SegmentScanner.Tail.CORRUPT || (tail == SegmentScanner.Tail.TORN && !last)) {
                    problems.add("%s: record %d at byte %d is damaged"
                            .formatted(segment.getFileName(), scanner.nextSequence(), scanner.position()));
                }
                torn |= last && tail == SegmentScanner.Tail.TORN;
                next = scanner.nextSequence();
                hash = scanner.hash();
            } catch (JournalCorruptException e) {
                problems.add(String.valueOf(e.getMessage()));
                next = -1;
            }
        }
        return new Verification(segments.size(), records, next, HexFormat.of().formatHex(hash), torn, problems);
    }
}

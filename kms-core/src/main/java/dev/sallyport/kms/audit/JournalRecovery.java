package dev.sallyport.kms.audit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds where a journal goes on, and cuts what a crash left half-written behind the last whole record. */
final class JournalRecovery {
    private static final Logger LOG = LoggerFactory.getLogger(JournalRecovery.class);

    private JournalRecovery() {}

    /** Where the next record goes. */
    static final class Position {
        final @Nullable Path segment;
        final long size;
        final long nextSequence;
        final byte[] hash;
        final long firstTime;
        final @Nullable StoreDigest digest;
        final SegmentIndex index;

        Position(
                @Nullable Path segment,
                long size,
                long nextSequence,
                byte[] hash,
                long firstTime,
                @Nullable StoreDigest digest,
                SegmentIndex index) {
            this.segment = segment;
            this.size = size;
            this.nextSequence = nextSequence;
            this.hash = hash;
            this.firstTime = firstTime;
            this.digest = digest;
            this.index = index;
        }
    }

    /** The segments of a directory, oldest first. */
    static List<Path> segments(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(JournalFormat::isSegment).sorted().toList();
        }
    }

    /**
     * Reads the last segment.
     *
     * @throws JournalCorruptException when acknowledged records are damaged: an operator must look
     */
    static Position recover(Path directory, JournalFiles files) throws IOException {
        List<Path> segments = new ArrayList<>(segments(directory));
        while (!segments.isEmpty()) {
            Path last = segments.getLast();
            if (!unbegun(last)) {
                return readLast(segments, files);
            }
            // nothing was ever acknowledged in it
            LOG.warn("audit journal: removed {}, which a crash left without a header", last.getFileName());
            Files.delete(last);
            files.syncDirectory(directory);
            segments.removeLast();
        }
        return new Position(null, 0, 1, JournalFormat.emptyHash(), Long.MAX_VALUE, null, new SegmentIndex());
    }

    private static Position readLast(List<Path> segments, JournalFiles files) throws IOException {
        Path last = segments.getLast();
        try (SegmentScanner scanner = new SegmentScanner(last)) {
            if (scanner.header() == null) {
                throw new JournalCorruptException(last.getFileName() + ": the segment's header is damaged");
            }
            SegmentIndex index = new SegmentIndex();
            StoreDigest digest = null;
            long firstTime = Long.MAX_VALUE;
            for (JournalRecord record = scanner.next(); record != null; record = scanner.next()) {
                firstTime = Math.min(firstTime, record.timeMillis());
                if (record.isEvent()) {
                    index.add(record.timeMillis(), EventTokens.of(record.json()));
                } else {
                    digest = EventTokens.digest(record.json());
                }
            }
            long end = scanner.position();
            long nextSequence = scanner.nextSequence();
            byte[] hash = scanner.hash();
            SegmentScanner.Tail tail = scanner.tail();
            if (tail == SegmentScanner.Tail.CORRUPT) {
                throw new JournalCorruptException("%s: record %d at byte %d is damaged, and later ones follow"
                        .formatted(last.getFileName(), nextSequence, end));
            }
            if (cut(last, end, files) && tail == SegmentScanner.Tail.TORN) {
                LOG.warn(
                        "audit journal: cut a torn tail from {} after record {}; nothing of it was acknowledged",
                        last.getFileName(),
                        nextSequence - 1);
            }
            if (digest == null && segments.size() > 1) {
                digest = digestBefore(segments);
            }
            return new Position(last, end, nextSequence, hash, firstTime, digest, index);
        }
    }

    /** Takes away what lies behind the last record: a torn tail, or the zeros that a writer had reserved. */
    private static boolean cut(Path segment, long end, JournalFiles files) throws IOException {
        if (Files.size(segment) == end) {
            return false;
        }
        try (JournalFiles.Output output = files.open(segment)) {
            output.truncate(end);
            output.sync();
        }
        return true;
    }

    /**
     * Whether a crash left the segment before its beginning was durable: too short for a header, or with the length of a
     * beginning, of which nothing but zeros reached the disk. More zeros than that are damage, since room is reserved only
     * behind a beginning that is durable.
     */
    private static boolean unbegun(Path segment) throws IOException {
        long size = Files.size(segment);
        if (size < JournalFormat.SEGMENT_HEADER) {
            return true;
        }
        if (size > JournalFormat.MAX_BEGINNING) {
            return false;
        }
        for (byte each : Files.readAllBytes(segment)) {
            if (each != 0) {
                return false;
            }
        }
        return true;
    }

    /** Every segment begins with the digest known then, so one step back is enough. */
    private static @Nullable StoreDigest digestBefore(List<Path> segments) throws IOException {
        StoreDigest digest = null;
        try (SegmentScanner scanner = new SegmentScanner(segments.get(segments.size() - 2))) {
            for (JournalRecord record = scanner.next(); record != null; record = scanner.next()) {
                if (!record.isEvent()) {
                    digest = EventTokens.digest(record.json());
                }
            }
        }
        return digest;
    }
}

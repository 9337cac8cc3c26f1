package dev.sallyport.kms.audit;

import dev.sallyport.kms.audit.JournalWriter.Pending;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The segments of a journal as its writer sees them: the one that grows, the chain's head, rolling and retention. Not
 * thread-safe: the writer's thread owns it.
 */
final class SegmentSet implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentSet.class);
    private static final long RETRY_ROLL_MILLIS = 10_000;
    private static final long RETRY_RESERVE_MILLIS = 10_000;
    private static final long RETENTION_MILLIS = 3_600_000;
    /** Some thousand events. */
    private static final int RESERVE_BYTES = 2 << 20;

    private static final int RESERVE_BELOW = 512 << 10;

    private final Path directory;
    private final JournalFiles files;
    private final JournalOptions options;
    private JournalFiles.Output output;
    private Path segment;
    private SegmentIndex index;
    private long size;
    /** Where the zeros end that lie behind the last record, durable; {@link #size} when there are none. */
    private long reserved;

    private long noReserveBefore = Long.MIN_VALUE;
    private long nextSequence;
    private byte[] hash;
    private long firstTime;
    private volatile @Nullable StoreDigest digest;
    private boolean tailDirty;
    private long noRollBefore = Long.MIN_VALUE;
    private long nextRetention;

    private SegmentSet(
            Path directory,
            JournalFiles files,
            JournalOptions options,
            JournalRecovery.Position at,
            Path segment,
            JournalFiles.Output output) {
        this.directory = directory;
        this.files = files;
        this.options = options;
        this.segment = segment;
        this.output = output;
        this.index = at.index;
        this.size = at.segment == null ? JournalFormat.SEGMENT_HEADER : at.size;
        this.reserved = size;
        this.nextSequence = at.nextSequence;
        this.hash = at.hash;
        this.firstTime = at.firstTime;
        this.digest = at.digest;
    }

    /** An fsync that failed, apart from a write that did. */
    static final class SyncFailedException extends IOException {
        private static final long serialVersionUID = 1L;

        SyncFailedException(IOException cause) {
            super(cause.toString(), cause);
        }
    }

    /** Recovers the directory's journal, or begins one. */
    static SegmentSet open(Path directory, JournalFiles files, JournalOptions options) throws IOException {
        JournalRecovery.Position at = JournalRecovery.recover(directory, files);
        Path segment = at.segment;
        JournalFiles.Output output;
        if (segment == null) {
            segment = directory.resolve(JournalFormat.segmentName(at.nextSequence));
            output = create(
                    files, directory, segment, ByteBuffer.wrap(JournalFormat.segmentHeader(at.nextSequence, at.hash)));
        } else {
            output = files.open(segment);
        }
        SegmentSet set = new SegmentSet(directory, files, options, at, segment, output);
        try {
            set.rebuildIndexes();
            set.retain();
            set.reserve();
        } catch (IOException e) {
            set.close();
            throw e;
        }
        return set;
    }

    private static JournalFiles.Output create(JournalFiles files, Path directory, Path segment, ByteBuffer content)
            throws IOException {
        JournalFiles.Output output = files.open(segment);
        try {
            output.truncate(0);
            output.write(content, 0);
        } catch (IOException e) {
            output.close();
            Files.deleteIfExists(segment);
            throw e;
        }
        try {
            output.sync();
            files.syncDirectory(directory);
        } catch (IOException e) {
            output.close();
            throw new SyncFailedException(e);
        }
        return output;
    }

    @Nullable StoreDigest digest() {
        return digest;
    }

    /** Begins a batch, whose records are encoded into the buffer. */
    Batch begin(ByteBuffer into) {
        return new Batch(into);
    }

    /** Records that are encoded and not yet part of the journal. */
    final class Batch {
        private final ByteBuffer into;
        private final List<Pending> added = new ArrayList<>();
        private long sequence = nextSequence;
        private byte[] head = hash;

        private Batch(ByteBuffer into) {
            this.into = into;
        }

        boolean hasRoom(Pending pending) {
            return into.remaining() >= JournalFormat.RECORD_HEADER + pending.payload.length;
        }

        void add(Pending pending) {
            JournalRecord record = link(head, sequence, pending.kind, pending.timeMillis, pending.payload);
            JournalFormat.put(into, record);
            head = record.hash();
            sequence++;
            added.add(pending);
        }

        /** Makes the batch, which is written and synced, the journal's own. */
        void commit() {
            size += into.limit();
            reserved = Math.max(reserved, size);
            nextSequence = sequence;
            hash = head;
            for (Pending pending : added) {
                firstTime = Math.min(firstTime, pending.timeMillis);
                if (pending.digest != null) {
                    digest = pending.digest;
                } else {
                    index.add(pending.timeMillis, pending.tokens);
                }
            }
        }
    }

    /** All before the batch is durable, since every batch is synced before the next is begun. */
    private JournalRecord link(byte[] head, long sequence, byte kind, long time, byte[] payload) {
        long durable = nextSequence - 1;
        byte[] next = JournalFormat.chain(head, kind, sequence, time, durable, payload);
        return new JournalRecord(kind, sequence, time, durable, next, payload);
    }

    /** Writes behind the last record; what a failure leaves there is cut now or before the next write. */
    void write(ByteBuffer batch) throws IOException {
        cutTail();
        tailDirty = true;
        try {
            output.write(batch, size);
        } catch (IOException e) {
            try {
                cutTail();
            } catch (IOException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
        tailDirty = false;
    }

    private void cutTail() throws IOException {
        if (tailDirty) {
            output.truncate(size);
            reserved = size;
            tailDirty = false;
        }
    }

    /**
     * Writes zeros ahead, durably, once little of them is left. A record that overwrites them leaves the file's length and its
     * blocks as they are, so that its fdatasync has no metadata to wait for: on ext4 that wait is for whatever else the
     * file system's own journal commits at the moment, such as the files of a store on the same disk.
     *
     * <p>Without room for them, records are appended as far as the disk goes.
     *
     * @throws SyncFailedException when the fsync fails
     */
    void reserve() throws SyncFailedException {
        long until = Math.min(size + RESERVE_BYTES, options.segmentBytes());
        long now = options.clock().millis();
        if (reserved - size >= RESERVE_BELOW || reserved >= until || tailDirty || now < noReserveBefore) {
            return;
        }
        try {
            output.write(ByteBuffer.allocate(Math.toIntExact(until - reserved)), reserved);
        } catch (IOException e) {
            LOG.debug("audit journal: no room is reserved ahead: {}", e.toString());
            noReserveBefore = now + RETRY_RESERVE_MILLIS;
            giveBack();
            return;
        }
        try {
            output.sync();
        } catch (IOException e) {
            throw new SyncFailedException(e);
        }
        reserved = until;
    }

    /** Of a reservation that failed, the part that was written. */
    private void giveBack() {
        try {
            output.truncate(reserved);
        } catch (IOException e) {
            tailDirty = true;
        }
    }

    void sync() throws IOException {
        output.sync();
    }

    /** Tries whether so many bytes can be written. */
    void probe(int bytes) throws IOException {
        write(ByteBuffer.allocate(bytes));
        tailDirty = true;
        cutTail();
    }

    /** Begins the next segment when this one is large or old enough, and deletes what retention has outlived. */
    void rollIfDue() throws IOException {
        long now = options.clock().millis();
        boolean large = size >= options.segmentBytes();
        boolean old = firstTime != Long.MAX_VALUE
                && now - firstTime >= options.segmentAge().toMillis();
        if ((large || old) && now >= noRollBefore) {
            noRollBefore = now + RETRY_ROLL_MILLIS;
            roll(now);
            noRollBefore = Long.MIN_VALUE;
            retain();
        } else if (now >= nextRetention) {
            retain();
        }
    }

    /** The new segment begins with the store's digest, so that the last one is always near the end. */
    private void roll(long now) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(JournalFormat.MAX_BEGINNING);
        content.put(JournalFormat.segmentHeader(nextSequence, hash));
        StoreDigest carried = digest;
        long sequence = nextSequence;
        byte[] head = hash;
        if (carried != null) {
            JournalRecord record = link(
                    hash,
                    nextSequence,
                    JournalFormat.KIND_STORE_DIGEST,
                    now,
                    carried.toJson().getBytes(StandardCharsets.UTF_8));
            JournalFormat.put(content, record);
            head = record.hash();
            sequence++;
        }
        content.flip();
        int length = content.limit();
        Path next = directory.resolve(JournalFormat.segmentName(nextSequence));
        JournalFiles.Output opened = create(files, directory, next, content);
        writeIndex(index, segment);
        close();
        output = opened;
        segment = next;
        index = new SegmentIndex();
        size = length;
        reserved = length;
        nextSequence = sequence;
        hash = head;
        firstTime = carried == null ? Long.MAX_VALUE : now;
    }

    private static void writeIndex(SegmentIndex index, Path segment) {
        try {
            index.write(JournalFormat.indexOf(segment));
        } catch (IOException e) {
            // a search reads the whole segment then
            LOG.warn("audit journal: cannot write the index of {}: {}", segment.getFileName(), e.toString());
        }
    }

    /** Of closed segments whose index is missing or damaged. */
    private void rebuildIndexes() throws IOException {
        for (Path each : JournalRecovery.segments(directory)) {
            if (!each.equals(segment) && SegmentIndex.read(JournalFormat.indexOf(each)) == null) {
                try {
                    writeIndex(SegmentIndex.rebuild(each), each);
                } catch (JournalCorruptException e) {
                    LOG.error("audit journal: {}", e.getMessage());
                }
            }
        }
    }

    /** Deletes segments from the oldest on while all their events are older than the retention. Never the open one. */
    private void retain() throws IOException {
        Instant now = options.clock().instant();
        nextRetention = now.toEpochMilli() + RETENTION_MILLIS;
        long cutoff = now.minus(options.retention()).toEpochMilli();
        for (Path each : JournalRecovery.segments(directory)) {
            Path indexFile = JournalFormat.indexOf(each);
            SegmentIndex known = each.equals(segment) ? null : SegmentIndex.read(indexFile);
            if (known == null || known.lastTime() >= cutoff) {
                break;
            }
            Files.delete(each);
            Files.deleteIfExists(indexFile);
            LOG.info("audit journal: deleted {}, older than {}", each.getFileName(), options.retention());
        }
    }

    /** Leaves no reserved room behind; where a crash comes first, what is left of it is read as the end. */
    @Override
    public void close() {
        try (JournalFiles.Output closing = output) {
            closing.truncate(size);
        } catch (IOException e) {
            LOG.warn("audit journal: closing {}: {}", segment.getFileName(), e.toString());
        }
    }
}

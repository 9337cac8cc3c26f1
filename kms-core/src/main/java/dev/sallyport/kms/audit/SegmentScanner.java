package dev.sallyport.kms.audit;

import dev.sallyport.kms.audit.JournalFormat.SegmentHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads one segment from its start, checking every record's checksum, number and link of the chain. */
final class SegmentScanner implements AutoCloseable {
    /** What follows the last whole record. */
    enum Tail {
        /** Nothing, or only zeros: room that the writer reserves ahead. */
        CLEAN,
        /** Bytes of a batch that was never acknowledged: a crash cut its write short, or it is being written now. */
        TORN,
        /** Damage to records that were acknowledged: a later one says that they were on the disk. */
        CORRUPT
    }

    private static final int BUFFER = 1 << 20;

    private final Path file;
    private final FileChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).flip();
    private final @Nullable SegmentHeader header;
    private long bufferStart;
    private long nextSequence;
    private byte[] hash;

    SegmentScanner(Path file) throws IOException {
        this.file = file;
        this.channel = FileChannel.open(file, StandardOpenOption.READ);
        SegmentHeader read = null;
        try {
            fill(JournalFormat.SEGMENT_HEADER);
            read = JournalFormat.readSegmentHeader(buffer);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        this.header = read;
        this.nextSequence = read == null ? 0 : read.firstSequence();
        this.hash = read == null ? JournalFormat.emptyHash() : read.previousHash();
        if (read != null) {
            buffer.position(JournalFormat.SEGMENT_HEADER);
        }
    }

    /** Null when the file begins with no valid header; it then has no records either. */
    @Nullable SegmentHeader header() {
        return header;
    }

    /** Where the next record begins, in bytes from the start of the file. */
    long position() {
        return bufferStart + buffer.position();
    }

    /** The number that the next record must have. */
    long nextSequence() {
        return nextSequence;
    }

    /** The hash of the last record read, or the one that the segment continues. */
    byte[] hash() {
        return hash.clone();
    }

    /**
     * The next record; null at the first place where no whole record is.
     *
     * @throws JournalCorruptException when a whole record has the wrong number or does not continue the chain
     */
    @Nullable JournalRecord next() throws IOException {
        if (header == null) {
            return null;
        }
        fill(JournalFormat.RECORD_HEADER + JournalFormat.MAX_PAYLOAD);
        JournalRecord record = JournalFormat.read(buffer);
        if (record == null) {
            return null;
        }
        if (record.kind() != JournalFormat.KIND_EVENT && record.kind() != JournalFormat.KIND_STORE_DIGEST) {
            throw new JournalCorruptException("%s: the record at byte %d is of the unknown kind %d"
                    .formatted(file.getFileName(), position(), record.kind()));
        }
        byte[] expected = JournalFormat.chain(
                hash, record.kind(), record.sequence(), record.timeMillis(), record.durable(), record.payload());
        if (record.sequence() != nextSequence || !Arrays.equals(expected, record.hash())) {
            throw new JournalCorruptException("%s: the record at byte %d does not continue the chain at number %d"
                    .formatted(file.getFileName(), position(), nextSequence));
        }
        buffer.position(buffer.position() + record.size());
        nextSequence++;
        hash = record.hash();
        return record;
    }

    /** Judges what lies behind the last whole record. Call it once, after {@link #next} answered null. */
    Tail tail() throws IOException {
        fill(1);
        if (!buffer.hasRemaining()) {
            return Tail.CLEAN;
        }
        boolean all = false;
        boolean zeros = true;
        while (true) {
            if (!all) {
                // once the rest is here there is nothing to move or to read for each of its bytes
                all = !fill(JournalFormat.RECORD_HEADER + JournalFormat.MAX_PAYLOAD);
            }
            if (buffer.remaining() < JournalFormat.RECORD_HEADER) {
                while (zeros && buffer.hasRemaining()) {
                    zeros = buffer.get() == 0;
                }
                return zeros ? Tail.CLEAN : Tail.TORN;
            }
            // the sequence number first: it spares the checksum almost everywhere
            long sequence = buffer.getLong(buffer.position() + 9);
            if (sequence > nextSequence && sequence - nextSequence < Integer.MAX_VALUE) {
                JournalRecord record = JournalFormat.read(buffer);
                if (record != null && record.durable() >= nextSequence) {
                    return Tail.CORRUPT;
                }
            }
            zeros &= buffer.get() == 0;
        }
    }

    /** Has at least this many bytes in the buffer, or all there are; false when that is fewer. */
    private boolean fill(int wanted) throws IOException {
        if (buffer.remaining() >= wanted) {
            return true;
        }
        bufferStart += buffer.position();
        buffer.compact();
        while (buffer.hasRemaining() && channel.read(buffer, bufferStart + buffer.position()) > 0) {
            // on
        }
        buffer.flip();
        return buffer.remaining() >= wanted;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}

package dev.sallyport.kms.audit;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a segment: a header, then records. All numbers are big-endian. The byte tables are in {@code
 * docs/audit-journal.md}.
 */
final class JournalFormat {
    static final int MAGIC = 0x53504a31; // "SPJ1"
    static final int HASH_BYTES = 32;
    /** magic 4, first sequence number 8, hash before it 32, CRC32C 4. */
    static final int SEGMENT_HEADER = 48;
    /** The most that a segment is begun with, in one write: its header, and the record of the key store's digest. */
    static final int MAX_BEGINNING = SEGMENT_HEADER + 1_024;
    /** length 4, CRC32C 4, kind 1, sequence number 8, time 8, durable 8, hash 32. */
    static final int RECORD_HEADER = 65;
    /** The longest payload: CloudTrail's limit for an event. */
    static final int MAX_PAYLOAD = 262_144;

    static final byte KIND_EVENT = 1;
    static final byte KIND_STORE_DIGEST = 2;

    static final String SEGMENT_SUFFIX = ".journal";
    static final String INDEX_SUFFIX = ".index";

    private JournalFormat() {}

    /** Twenty digits, so that names sort as numbers do. */
    static String segmentName(long firstSequence) {
        return "%020d%s".formatted(firstSequence, SEGMENT_SUFFIX);
    }

    static boolean isSegment(Path file) {
        Path name = file.getFileName();
        return name != null && name.toString().matches("[0-9]{20}\\" + SEGMENT_SUFFIX);
    }

    static Path indexOf(Path segment) {
        String name = segment.getFileName().toString();
        return segment.resolveSibling(name.substring(0, name.length() - SEGMENT_SUFFIX.length()) + INDEX_SUFFIX);
    }

    static byte[] emptyHash() {
        return new byte[HASH_BYTES];
    }

    static byte[] segmentHeader(long firstSequence, byte[] previousHash) {
        ByteBuffer header = ByteBuffer.allocate(SEGMENT_HEADER)
                .putInt(MAGIC)
                .putLong(firstSequence)
                .put(previousHash);
        return header.putInt(crc(header.array(), 0, SEGMENT_HEADER - 4)).array();
    }

    /** The header of a segment; null when the bytes are none. */
    static @Nullable SegmentHeader readSegmentHeader(ByteBuffer bytes) {
        if (bytes.remaining() < SEGMENT_HEADER) {
            return null;
        }
        byte[] header = new byte[SEGMENT_HEADER];
        bytes.get(bytes.position(), header);
        ByteBuffer fields = ByteBuffer.wrap(header);
        if (fields.getInt() != MAGIC || fields.getInt(SEGMENT_HEADER - 4) != crc(header, 0, SEGMENT_HEADER - 4)) {
            return null;
        }
        return new SegmentHeader(fields.getLong(), Arrays.copyOfRange(header, 12, 12 + HASH_BYTES));
    }

    /** What a segment begins with. */
    static final class SegmentHeader {
        private final long firstSequence;
        private final byte[] previousHash;

        SegmentHeader(long firstSequence, byte[] previousHash) {
            this.firstSequence = firstSequence;
            this.previousHash = previousHash;
        }

        long firstSequence() {
            return firstSequence;
        }

        byte[] previousHash() {
            return previousHash.clone();
        }
    }

    /** The next link of the chain: SHA-256 over the one before, and the record without length, checksum and hash. */
    static byte[] chain(byte[] previousHash, byte kind, long sequence, long time, long durable, byte[] payload) {
        MessageDigest digest = sha256();
        digest.update(previousHash);
        digest.update(ByteBuffer.allocate(25)
                .put(kind)
                .putLong(sequence)
                .putLong(time)
                .putLong(durable)
                .flip());
        return digest.digest(payload);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Appends a record to the buffer, which has room. */
    static void put(ByteBuffer out, JournalRecord record) {
        int start = out.position();
        byte[] payload = record.payload();
        out.putInt(payload.length)
                .putInt(0)
                .put(record.kind())
                .putLong(record.sequence())
                .putLong(record.timeMillis())
                .putLong(record.durable())
                .put(record.hash())
                .put(payload);
        out.putInt(start + 4, recordCrc(out.duplicate().position(start).limit(out.position())));
    }

    /** The record at the buffer's position; null when none is whole there. The chain is not checked. */
    static @Nullable JournalRecord read(ByteBuffer in) {
        if (in.remaining() < RECORD_HEADER) {
            return null;
        }
        int start = in.position();
        int length = in.getInt(start);
        if (length < 0 || length > MAX_PAYLOAD || in.remaining() < RECORD_HEADER + length) {
            return null;
        }
        ByteBuffer whole = in.duplicate().position(start).limit(start + RECORD_HEADER + length);
        if (in.getInt(start + 4) != recordCrc(whole)) {
            return null;
        }
        byte[] hash = new byte[HASH_BYTES];
        byte[] payload = new byte[length];
        in.get(start + 33, hash);
        in.get(start + RECORD_HEADER, payload);
        return new JournalRecord(
                in.get(start + 8),
                in.getLong(start + 9),
                in.getLong(start + 17),
                in.getLong(start + 25),
                hash,
                payload);
    }

    /** Over the length and all that follows the checksum. */
    private static int recordCrc(ByteBuffer record) {
        CRC32C crc = new CRC32C();
        int start = record.position();
        crc.update(record.duplicate().limit(start + 4));
        crc.update(record.duplicate().position(start + 8));
        return (int) crc.getValue();
    }

    static int crc(byte[] bytes, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, offset, length);
        return (int) crc.getValue();
    }
}

package dev.sallyport.kms.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a segment may hold: its span of time, and a Bloom filter over the words of its events. A search skips a segment that
 * the index rules out; an index that is missing or damaged rules out nothing, and can be rebuilt from the segment.
 */
final class SegmentIndex {
    private static final int MAGIC = 0x53504931; // "SPI1"
    private static final int HEADER = 4 + 8 + 8;
    /** 2^20 bits: with 100,000 events of about five words, and seven bits a word, a useful filter in 128 KiB. */
    private static final int BITS = 1 << 20;

    private static final int HASHES = 3;

    private final long[] bits;
    private long firstTime = Long.MAX_VALUE;
    private long lastTime = Long.MIN_VALUE;

    SegmentIndex() {
        this.bits = new long[BITS / 64];
    }

    void add(long timeMillis, List<String> tokens) {
        firstTime = Math.min(firstTime, timeMillis);
        lastTime = Math.max(lastTime, timeMillis);
        for (String token : tokens) {
            long hash = hash(token);
            for (int i = 0; i < HASHES; i++) {
                int bit = bit(hash, i);
                bits[bit >>> 6] |= 1L << (bit & 63);
            }
        }
    }

    boolean mayContain(String token) {
        long hash = hash(token);
        for (int i = 0; i < HASHES; i++) {
            int bit = bit(hash, i);
            if ((bits[bit >>> 6] & (1L << (bit & 63))) == 0) {
                return false;
            }
        }
        return true;
    }

    /** Whether an event of this span, in milliseconds and inclusive, can be in the segment. */
    boolean overlaps(long from, long to) {
        return firstTime <= to && lastTime >= from;
    }

    long lastTime() {
        return lastTime;
    }

    private static int bit(long hash, int i) {
        int combined = (int) hash + i * (int) (hash >>> 32);
        return combined & (BITS - 1);
    }

    /** FNV-1a with a finishing mix; only ever compared with itself, never with what an attacker chose to collide. */
    private static long hash(String token) {
        long hash = 0xcbf29ce484222325L;
        for (byte b : token.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
        }
        hash = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
        hash = (hash ^ (hash >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return hash ^ (hash >>> 33);
    }

    /** Writes beside the segment, whole or not at all. It need not be durable: it can be rebuilt. */
    void write(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(HEADER + BITS / 8 + 4);
        bytes.putInt(MAGIC).putLong(firstTime).putLong(lastTime);
        for (long word : bits) {
            bytes.putLong(word);
        }
        bytes.putInt(JournalFormat.crc(bytes.array(), 0, bytes.position()));
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        Files.write(temporary, bytes.array());
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Null when there is none that can be trusted. */
    static @Nullable SegmentIndex read(Path file) throws IOException {
        int size = HEADER + BITS / 8 + 4;
        if (!Files.isRegularFile(file) || Files.size(file) != size) {
            return null;
        }
        byte[] bytes = Files.readAllBytes(file);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (bytes.length != size
                || in.getInt() != MAGIC
                || in.getInt(size - 4) != JournalFormat.crc(bytes, 0, size - 4)) {
            return null;
        }
        SegmentIndex index = new SegmentIndex();
        index.firstTime = in.getLong();
        index.lastTime = in.getLong();
        for (int i = 0; i < index.bits.length; i++) {
            index.bits[i] = in.getLong();
        }
        return index;
    }

    /** Reads the whole segment. */
    static SegmentIndex rebuild(Path segment) throws IOException {
        SegmentIndex index = new SegmentIndex();
        try (SegmentScanner scanner = new SegmentScanner(segment)) {
            for (JournalRecord record = scanner.next(); record != null; record = scanner.next()) {
                if (record.isEvent()) {
                    index.add(record.timeMillis(), EventTokens.of(record.json()));
                }
            }
        }
        return index;
    }
}

package dev.sallyport.volume.cli;

import java.nio.ByteBuffer;

/**
 * What each block of a volume may hold: every write fills a block with its number and a generation that only grows. A write is
 * durable once it was answered with FUA, or answered before a flush was sent that was answered too.
 */
final class BlockLedger {
    static final int BLOCK = 4096;

    private final long[] sent;
    private final long[] answered;
    private final long[] durable;
    private long generation;

    BlockLedger(int blocks) {
        sent = new long[blocks];
        answered = new long[blocks];
        durable = new long[blocks];
    }

    int blocks() {
        return sent.length;
    }

    /** The content of the next write of a block. */
    synchronized byte[] next(int block) {
        sent[block] = ++generation;
        ByteBuffer bytes = ByteBuffer.allocate(BLOCK);
        while (bytes.hasRemaining()) {
            bytes.putLong(((long) block << 40) | generation);
        }
        return bytes.array();
    }

    /** The last write of the block was answered. */
    synchronized void answered(int block, boolean fua) {
        answered[block] = sent[block];
        if (fua) {
            durable[block] = sent[block];
        }
    }

    /** What was answered by now; a flush that is sent after this covers it. */
    synchronized long[] beforeFlush() {
        return answered.clone();
    }

    synchronized void flushed(long[] before) {
        for (int i = 0; i < before.length; i++) {
            durable[i] = Math.max(durable[i], before[i]);
        }
    }

    /** Blocks with a write that is durable. */
    synchronized int durableBlocks() {
        int count = 0;
        for (long generationOfBlock : durable) {
            count += generationOfBlock > 0 ? 1 : 0;
        }
        return count;
    }

    /**
     * Whether a block's content is one that a power cut may leave.
     *
     * @param torn whether what was not durable may be there in part
     */
    boolean allows(int block, byte[] content, boolean torn) {
        if (durable[block] == 0 || (torn && sent[block] > durable[block])) {
            return true;
        }
        ByteBuffer bytes = ByteBuffer.wrap(content);
        long first = bytes.getLong();
        while (bytes.hasRemaining()) {
            if (bytes.getLong() != first) {
                return false;
            }
        }
        long found = first & ((1L << 40) - 1);
        return first >>> 40 == block && found >= durable[block] && found <= sent[block];
    }
}

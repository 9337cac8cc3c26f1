package dev.sallyport.kms.store;

import dev.sallyport.kms.store.StoreException.Reason;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * What the one row of the table {@code store_state} says of all others: lineage, epoch, number of rows, hash over them.
 * Mutable, and owned by the thread that writes; {@link #copy()} before a change that may be undone.
 */
final class StoreState {
    private static final byte[] AAD = "sallyport/store-state/v1".getBytes(StandardCharsets.US_ASCII);
    private static final int LINEAGE = 16;
    private static final int LENGTH = LINEAGE + 8 + 8 + RowSetHash.LENGTH;

    private final byte[] lineage;
    private long epoch;
    private long rows;
    private final RowSetHash hash;

    StoreState(byte[] lineage, long epoch, long rows, RowSetHash hash) {
        this.lineage = lineage;
        this.epoch = epoch;
        this.rows = rows;
        this.hash = hash;
    }

    /** An empty store, at the beginning of a lineage of its own. */
    static StoreState empty() {
        return new StoreState(newLineage(), 0, 0, new RowSetHash());
    }

    static byte[] newLineage() {
        byte[] lineage = new byte[LINEAGE];
        new SecureRandom().nextBytes(lineage);
        return lineage;
    }

    /** The same rows under a new lineage, at {@code epoch}. */
    StoreState renewed(long newEpoch) {
        return new StoreState(newLineage(), newEpoch, rows, hash.copy());
    }

    StoreState copy() {
        return new StoreState(lineage, epoch, rows, hash.copy());
    }

    void added(byte[] element) {
        hash.add(element);
        rows++;
    }

    void removed(byte[] element) {
        hash.remove(element);
        rows--;
    }

    void nextEpoch() {
        epoch++;
    }

    long epoch() {
        return epoch;
    }

    long rows() {
        return rows;
    }

    boolean sameRows(StoreState other) {
        return rows == other.rows && hash.equals(other.hash);
    }

    byte[] seal(RowSealer sealer) {
        return sealer.sealWith(AAD, plain());
    }

    static StoreState open(RowSealer sealer, byte[] sealed) {
        byte @Nullable [] plain = sealer.openWith(AAD, sealed);
        if (plain == null || plain.length != LENGTH) {
            throw new StoreException(
                    Reason.CORRUPT,
                    "the key store's state row is damaged: restore a backup (`sallyport keystore restore`)");
        }
        ByteBuffer buffer = ByteBuffer.wrap(plain, LINEAGE, 16);
        return new StoreState(
                Arrays.copyOf(plain, LINEAGE),
                buffer.getLong(),
                buffer.getLong(),
                new RowSetHash(Arrays.copyOfRange(plain, LINEAGE + 16, LENGTH)));
    }

    StoreDigest digest(RowSealer sealer) {
        HexFormat hex = HexFormat.of();
        return new StoreDigest(hex.formatHex(lineage), epoch, hex.formatHex(sealer.mac(plain())));
    }

    private byte[] plain() {
        return ByteBuffer.allocate(LENGTH)
                .put(lineage)
                .putLong(epoch)
                .putLong(rows)
                .put(hash.bytes())
                .array();
    }
}

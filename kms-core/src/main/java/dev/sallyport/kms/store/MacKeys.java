package dev.sallyport.kms.store;

import dev.sallyport.kms.crypto.Hmac;
import dev.sallyport.kms.crypto.RandomBytes;
import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.kms.store.StoreException.Reason;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The installation's own HMAC-SHA-256 keys, numbered from 1, as sealed rows of the key store. The highest number signs; older
 * ones stay, so that what they signed verifies. Thread-safe; a key is read from the store once.
 */
public final class MacKeys implements AutoCloseable {
    /** The kind of the rows; the id is the number in ten digits. */
    public static final String KIND = "mac-key";

    private static final int KEY_BYTES = 32;
    private static final int MAX_KEYS = 1_000;

    private final KeyStore store;
    private final ReentrantLock loading = new ReentrantLock();
    private volatile Snapshot snapshot;

    private record Snapshot(long epoch, int current, Map<Integer, SecretBytes> keys) {}

    private MacKeys(KeyStore store) {
        this.store = store;
        snapshot = new Snapshot(-1, 0, Map.of());
    }

    /** The keys in a store; makes the first one if there is none. */
    public static MacKeys open(KeyStore store) {
        MacKeys keys = new MacKeys(store);
        if (keys.fresh().current() == 0) {
            store.write(writer -> writer.scan(KIND, "", null, 1).isEmpty() ? add(writer, 1) : 1);
        }
        return keys;
    }

    /** The number of the key that signs now. */
    public int currentKey() {
        return fresh().current();
    }

    /**
     * HMAC-SHA-256 of {@code message}.
     *
     * @return null when there is no key of that number
     */
    public byte @Nullable [] mac(int key, byte[] message) {
        SecretBytes secret = snapshot.keys().get(key);
        if (secret == null) {
            secret = fresh().keys().get(key);
        }
        return secret == null ? null : Hmac.sha256(secret, message);
    }

    /**
     * Adds a key, which signs from now on.
     *
     * @return its number
     * @throws StoreException {@code REFUSED} after 1,000 keys
     */
    public int rotate() {
        return store.write(writer -> {
            List<Row> rows = writer.scan(KIND, "", null, MAX_KEYS);
            if (rows.size() >= MAX_KEYS) {
                throw new StoreException(Reason.REFUSED, "the key store has 1000 MAC keys already");
            }
            return add(writer, rows.isEmpty() ? 1 : number(rows.getLast()) + 1);
        });
    }

    private static int add(RowWriter writer, int number) {
        byte[] key = RandomBytes.of(KEY_BYTES);
        try {
            writer.put(new Row(KIND, String.format("%010d", number), null, key));
        } finally {
            Arrays.fill(key, (byte) 0);
        }
        return number;
    }

    private static int number(Row row) {
        try {
            return Integer.parseInt(row.id());
        } catch (NumberFormatException e) {
            throw RowSealer.damaged(KIND, row.id());
        }
    }

    /** The keys as the store has them now; the store is only asked when a row of the kind has changed. */
    private Snapshot fresh() {
        Snapshot known = snapshot;
        if (known.epoch() == store.epoch(KIND)) {
            return known;
        }
        loading.lock();
        try {
            known = snapshot;
            long epoch = store.epoch(KIND);
            if (known.epoch() != epoch) {
                known = load(known.keys(), epoch);
                snapshot = known;
            }
            return known;
        } finally {
            loading.unlock();
        }
    }

    private Snapshot load(Map<Integer, SecretBytes> known, long epoch) {
        Map<Integer, SecretBytes> keys = new HashMap<>();
        int current = 0;
        for (Row row : store.read(reader -> reader.scan(KIND, "", null, MAX_KEYS))) {
            int number = number(row);
            SecretBytes key = known.get(number);
            keys.put(number, key == null ? SecretBytes.takeOver(row.payload()) : key);
            current = Math.max(current, number);
        }
        return new Snapshot(epoch, current, Map.copyOf(keys));
    }

    @Override
    public void close() {
        snapshot.keys().values().forEach(SecretBytes::close);
    }
}

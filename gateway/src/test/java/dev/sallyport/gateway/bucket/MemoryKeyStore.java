package dev.sallyport.gateway.bucket;

import dev.sallyport.kms.store.KeyStore;
import dev.sallyport.kms.store.Row;
import dev.sallyport.kms.store.RowReader;
import dev.sallyport.kms.store.RowWriter;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Rows in memory. */
public final class MemoryKeyStore implements KeyStore {
    private final TreeMap<String, Row> rows = new TreeMap<>();
    private long epoch;

    private final RowWriter writer = new RowWriter() {
        @Override
        public void put(Row row) {
            rows.put(row.kind() + "/" + row.id(), row);
        }

        @Override
        public boolean delete(String kind, String id) {
            return rows.remove(kind + "/" + id) != null;
        }

        @Override
        public Optional<Row> get(String kind, String id) {
            return Optional.ofNullable(rows.get(kind + "/" + id));
        }

        @Override
        public List<Row> scan(String kind, String idPrefix, @Nullable String afterId, int limit) {
            return rows.values().stream()
                    .filter(row -> row.kind().equals(kind) && row.id().startsWith(idPrefix))
                    .filter(row -> afterId == null || row.id().compareTo(afterId) > 0)
                    .limit(limit)
                    .toList();
        }

        @Override
        public List<Row> scanIndex(String kind, String from, String to, @Nullable String afterId, int limit) {
            return List.of();
        }

        @Override
        public List<Row> withIndex(String kind, String index, @Nullable String afterId, int limit) {
            return List.of();
        }
    };

    @Override
    public synchronized <T> T read(Function<RowReader, T> action) {
        return action.apply(writer);
    }

    @Override
    public synchronized <T> T write(Function<RowWriter, T> action) {
        T result = action.apply(writer);
        epoch++;
        return result;
    }

    @Override
    public synchronized long epoch() {
        return epoch;
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}

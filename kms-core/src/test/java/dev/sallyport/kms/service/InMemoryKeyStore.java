package dev.sallyport.kms.service;

import dev.sallyport.kms.store.KeyStore;
import dev.sallyport.kms.store.Row;
import dev.sallyport.kms.store.RowReader;
import dev.sallyport.kms.store.RowWriter;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A key store for unit tests: one map, one lock, transactions by copying; counts reads. */
final class InMemoryKeyStore implements KeyStore {
    private NavigableMap<String, Row> rows = new TreeMap<>();
    private long epoch = 1;
    private int reads;

    /** Whether reads break. */
    volatile boolean fails;

    int reads() {
        return reads;
    }

    @Override
    public synchronized <T> T read(Function<RowReader, T> action) {
        reads++;
        if (fails) {
            throw new IllegalStateException("the disk is gone");
        }
        return action.apply(new Transaction(rows));
    }

    @Override
    public synchronized <T> T write(Function<RowWriter, T> action) {
        NavigableMap<String, Row> copy = new TreeMap<>(rows);
        T result = action.apply(new Transaction(copy));
        rows = copy;
        epoch++;
        return result;
    }

    @Override
    public synchronized long epoch() {
        return epoch;
    }

    @Override
    public void close() {}

    private static final class Transaction implements RowWriter {
        private final NavigableMap<String, Row> rows;

        Transaction(NavigableMap<String, Row> rows) {
            this.rows = rows;
        }

        @Override
        public Optional<Row> get(String kind, String id) {
            return Optional.ofNullable(rows.get(kind + "\n" + id));
        }

        @Override
        public List<Row> scan(String kind, String idPrefix, @Nullable String afterId, int limit) {
            return of(kind).filter(row -> row.id().startsWith(idPrefix))
                    .filter(row -> afterId == null || row.id().compareTo(afterId) > 0)
                    .limit(limit)
                    .toList();
        }

        @Override
        public List<Row> scanIndex(String kind, String from, String to, @Nullable String afterId, int limit) {
            return of(kind).filter(
                            row -> index(row).compareTo(from) >= 0 && index(row).compareTo(to) < 0)
                    .filter(row -> row.index() != null)
                    .filter(row -> afterId == null || row.id().compareTo(afterId) > 0)
                    .sorted(Comparator.comparing(Transaction::index).thenComparing(Row::id))
                    .limit(limit)
                    .toList();
        }

        @Override
        public List<Row> withIndex(String kind, String index, @Nullable String afterId, int limit) {
            return of(kind).filter(row -> index.equals(row.index()))
                    .filter(row -> afterId == null || row.id().compareTo(afterId) > 0)
                    .limit(limit)
                    .toList();
        }

        @Override
        public void put(Row row) {
            rows.put(row.kind() + "\n" + row.id(), row);
        }

        @Override
        public boolean delete(String kind, String id) {
            return rows.remove(kind + "\n" + id) != null;
        }

        private Stream<Row> of(String kind) {
            return rows.tailMap(kind + "\n").values().stream()
                    .filter(row -> row.kind().equals(kind));
        }

        private static String index(Row row) {
            String index = row.index();
            return index == null ? "" : index;
        }
    }
}

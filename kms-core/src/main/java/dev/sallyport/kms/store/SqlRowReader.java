package dev.sallyport.kms.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Reads and opens rows through one connection, inside whatever transaction that is in. */
class SqlRowReader implements RowReader {
    /** The largest code point: no id may hold it, so it bounds the ids that begin with a prefix. */
    static final String LAST = new String(Character.toChars(Character.MAX_CODE_POINT));

    private static final String COLUMNS = "SELECT kind, id, idx, sealed FROM sealed_row ";

    final Handle handle;
    final RowSealer sealer;

    SqlRowReader(Handle handle, RowSealer sealer) {
        this.handle = handle;
        this.sealer = sealer;
    }

    @Override
    public Optional<Row> get(String kind, String id) {
        return getSealed(kind, id).map(this::open);
    }

    Optional<SealedRow> getSealed(String kind, String id) {
        return handle.createQuery(COLUMNS + "WHERE kind = :kind AND id = :id")
                .bind("kind", kind)
                .bind("id", id)
                .map((rs, context) -> sealedRow(rs))
                .findOne();
    }

    @Override
    public List<Row> scan(String kind, String idPrefix, @Nullable String afterId, int limit) {
        return handle
                .createQuery(COLUMNS
                        + "WHERE kind = :kind AND id >= :prefix AND id < :end AND id > :after ORDER BY id LIMIT :limit")
                .bind("kind", kind)
                .bind("prefix", idPrefix)
                .bind("end", idPrefix + LAST)
                .bind("after", afterId == null ? "" : afterId)
                .bind("limit", limit)
                .map((rs, context) -> sealedRow(rs))
                .list()
                .stream()
                .map(this::open)
                .toList();
    }

    @Override
    public List<Row> scanIndex(String kind, String from, String to, @Nullable String afterId, int limit) {
        String afterIndex = afterId == null
                ? null
                : getSealed(kind, afterId).map(SealedRow::index).orElse(null);
        String where = afterIndex == null ? "" : "AND (idx > :afterIndex OR (idx = :afterIndex AND id > :afterId)) ";
        var query = handle.createQuery(COLUMNS + "WHERE kind = :kind AND idx >= :from AND idx < :to " + where
                        + "ORDER BY idx, id LIMIT :limit")
                .bind("kind", kind)
                .bind("from", from)
                .bind("to", to)
                .bind("limit", limit);
        if (afterIndex != null) {
            query.bind("afterIndex", afterIndex).bind("afterId", afterId);
        }
        return query.map((rs, context) -> sealedRow(rs)).list().stream()
                .map(this::open)
                .toList();
    }

    @Override
    public List<Row> withIndex(String kind, String index, @Nullable String afterId, int limit) {
        return handle
                .createQuery(COLUMNS + "WHERE kind = :kind AND idx = :index AND id > :after ORDER BY id LIMIT :limit")
                .bind("kind", kind)
                .bind("index", index)
                .bind("after", afterId == null ? "" : afterId)
                .bind("limit", limit)
                .map((rs, context) -> sealedRow(rs))
                .list()
                .stream()
                .map(this::open)
                .toList();
    }

    /** Every row as the database has it, in the order of kind and id, a few at a time in memory. */
    void forEachSealed(Consumer<SealedRow> action) {
        try (var rows = handle.createQuery(COLUMNS + "ORDER BY kind, id")
                .setFetchSize(256)
                .map((rs, context) -> sealedRow(rs))
                .iterator()) {
            rows.forEachRemaining(action);
        }
    }

    /** The sealed state of the whole store; empty before it was ever written. */
    Optional<byte[]> sealedState() {
        return handle.createQuery("SELECT sealed FROM store_state WHERE name = 'state'")
                .mapTo(byte[].class)
                .findOne();
    }

    Row open(SealedRow row) {
        return sealer.open(row.kind(), row.id(), row.index(), row.sealed());
    }

    private static SealedRow sealedRow(ResultSet rs) throws SQLException {
        byte[] sealed = rs.getBytes("sealed");
        return new SealedRow(
                rs.getString("kind"), rs.getString("id"), rs.getString("idx"), sealed == null ? new byte[0] : sealed);
    }
}

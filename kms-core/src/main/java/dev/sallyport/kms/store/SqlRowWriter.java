package dev.sallyport.kms.store;

import java.util.HashSet;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Changes rows, and the store's state with them, inside one transaction. */
final class SqlRowWriter extends SqlRowReader implements RowWriter {
    private final StoreState state;
    private final Set<String> changedKinds = new HashSet<>();

    /** @param state changed along with the rows; the caller drops it when it rolls back */
    SqlRowWriter(Handle handle, RowSealer sealer, StoreState state) {
        super(handle, sealer);
        this.state = state;
    }

    @Override
    public void put(Row row) {
        if (row.id().contains(LAST)) {
            throw new IllegalArgumentException("a row id must not hold U+10FFFF");
        }
        putSealed(new SealedRow(row.kind(), row.id(), row.index(), sealer.seal(row)));
    }

    void putSealed(SealedRow row) {
        getSealed(row.kind(), row.id()).ifPresent(old -> state.removed(old.element(sealer)));
        handle.createUpdate("INSERT INTO sealed_row (kind, id, idx, sealed) VALUES (:kind, :id, :idx, :sealed) "
                        + "ON CONFLICT (kind, id) DO UPDATE SET idx = excluded.idx, sealed = excluded.sealed")
                .bind("kind", row.kind())
                .bind("id", row.id())
                .bind("idx", (@Nullable String) row.index())
                .bind("sealed", row.sealed())
                .execute();
        state.added(row.element(sealer));
        changedKinds.add(row.kind());
    }

    @Override
    public boolean delete(String kind, String id) {
        var old = getSealed(kind, id);
        if (old.isEmpty()) {
            return false;
        }
        handle.createUpdate("DELETE FROM sealed_row WHERE kind = :kind AND id = :id")
                .bind("kind", kind)
                .bind("id", id)
                .execute();
        state.removed(old.get().element(sealer));
        changedKinds.add(kind);
        return true;
    }

    /** Writes the sealed state; the last statement before a commit. */
    static void putState(Handle handle, byte[] sealed) {
        handle.createUpdate("INSERT INTO store_state (name, sealed) VALUES ('state', :sealed) "
                        + "ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed")
                .bind("sealed", sealed)
                .execute();
    }

    Set<String> changedKinds() {
        return changedKinds;
    }
}

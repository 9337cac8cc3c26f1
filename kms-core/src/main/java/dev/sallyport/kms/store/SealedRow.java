package dev.sallyport.kms.store;

import org.jspecify.annotations.Nullable;

/** A row as the database has it. A class and no record, since it holds an array; the array is not copied. */
final class SealedRow {
    private final String kind;
    private final String id;
    private final @Nullable String index;
    private final byte[] sealed;

    SealedRow(String kind, String id, @Nullable String index, byte[] sealed) {
        this.kind = kind;
        this.id = id;
        this.index = index;
        this.sealed = sealed;
    }

    String kind() {
        return kind;
    }

    String id() {
        return id;
    }

    @Nullable String index() {
        return index;
    }

    byte[] sealed() {
        return sealed;
    }

    byte[] element(RowSealer sealer) {
        return sealer.element(kind, id, index, sealed);
    }
}

package dev.sallyport.kms.store;

import org.jspecify.annotations.Nullable;

/**
 * One row: an identity in the clear, by which it is found, and a payload that only leaves the process sealed under the
 * store's key, with the identity as additional authenticated data. A class and no record, since it holds an array.
 */
public final class Row {
    private final String kind;
    private final String id;
    private final @Nullable String index;
    private final byte[] payload;

    /**
     * @param kind the table in the domain's terms, such as {@code key} or {@code principal}; at most 64 characters
     * @param id unique in its kind, such as {@code 111122223333/us-east-1/<uuid>}; at most 1,024 characters
     * @param index a value to find rows by, such as a due time; null for none
     * @param payload the content, usually JSON; at most 1 MiB
     */
    public Row(String kind, String id, @Nullable String index, byte[] payload) {
        if (kind.isEmpty() || kind.length() > 64 || id.isEmpty() || id.length() > 1024) {
            throw new IllegalArgumentException("row identity out of bounds");
        }
        if (payload.length > 1 << 20) {
            throw new IllegalArgumentException("row payload over 1 MiB");
        }
        this.kind = kind;
        this.id = id;
        this.index = index;
        this.payload = payload.clone();
    }

    public String kind() {
        return kind;
    }

    public String id() {
        return id;
    }

    public @Nullable String index() {
        return index;
    }

    public byte[] payload() {
        return payload.clone();
    }
}

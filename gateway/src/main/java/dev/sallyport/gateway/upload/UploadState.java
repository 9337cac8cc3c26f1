package dev.sallyport.gateway.upload;

import java.util.Locale;

/**
 * Where an upload stands.
 *
 * <pre>
 *   open ──Complete begins──▶ completing ──the store has committed──▶ done ──a day──▶ (gone)
 *    │  ◀──the store refused──────┘                                  (its result answers a client's retry)
 *    └──Abort, age, gone at the store──▶ aborted ──swept──▶ (gone)
 * </pre>
 *
 * An upload is found {@code completing} when the outcome of the store's commit is not known: the next Complete asks the store.
 */
enum UploadState {
    OPEN,
    COMPLETING,
    DONE,
    ABORTED;

    /** As it stands in the tables. */
    String column() {
        return name().toLowerCase(Locale.ROOT);
    }

    static UploadState ofColumn(String column) {
        return valueOf(column.toUpperCase(Locale.ROOT));
    }

    /** Whether parts may come. */
    boolean takesParts() {
        return this == OPEN || this == COMPLETING;
    }
}

package dev.sallyport.kms.store;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads rows within one snapshot. */
public interface RowReader {
    Optional<Row> get(String kind, String id);

    /**
     * Rows of a kind in the order of their ids.
     *
     * @param idPrefix only ids that begin so; empty for all
     * @param afterId only ids greater than this; null from the start
     * @param limit at most so many rows
     */
    List<Row> scan(String kind, String idPrefix, @Nullable String afterId, int limit);

    /** Rows of a kind whose index value lies in [{@code from}, {@code to}), in the order of index value and id. */
    List<Row> scanIndex(String kind, String from, String to, @Nullable String afterId, int limit);

    /** Rows of a kind with exactly this index value and an id greater than {@code afterId}, in the order of their ids. */
    List<Row> withIndex(String kind, String index, @Nullable String afterId, int limit);
}

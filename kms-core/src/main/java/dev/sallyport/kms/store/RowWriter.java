package dev.sallyport.kms.store;

/** Reads and changes rows within one transaction. */
public interface RowWriter extends RowReader {
    /** Inserts the row, or replaces the one of the same kind and id. */
    void put(Row row);

    /** Whether there was such a row. */
    boolean delete(String kind, String id);
}

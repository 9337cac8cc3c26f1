package dev.sallyport.kms.store;

import java.util.function.Function;

/**
 * Sealed rows, changed in transactions. Everything that must survive and be backed up with the keys is a row here: keys,
 * their material, aliases, policies, principals, MAC keys, bucket settings.
 */
public interface KeyStore extends AutoCloseable {
    /** Runs {@code action} on one consistent snapshot. */
    <T> T read(Function<RowReader, T> action);

    /** Runs {@code action} in one transaction, durable when this returns; rolled back when the action throws. */
    <T> T write(Function<RowWriter, T> action);

    /** Rises with every committed write, whoever made it. */
    long epoch();

    /**
     * Rises with every committed write that changed a row of {@code kind}, and maybe with others, before that write returns:
     * what a cache of such rows compares, reading it before it reads the rows.
     */
    default long epoch(String kind) {
        return epoch();
    }

    @Override
    void close();
}

package dev.sallyport.kms.principal;

import dev.sallyport.kms.store.KeyStore;
import dev.sallyport.kms.store.Row;
import dev.sallyport.kms.store.RowWriter;
import dev.sallyport.kms.store.StoreException;
import dev.sallyport.kms.store.StoreException.Reason;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * The account whose keys and principals a key store holds, as a row of its own (kind {@code setting}, id {@code account}), so
 * that commands need no configuration to find it.
 */
public final class Account {
    /** The account of an installation that names none. */
    public static final String DEFAULT = "000000000000";

    private static final Pattern ID = Pattern.compile("[0-9]{12}");
    private static final String KIND = "setting";
    private static final String ROW = "account";

    private Account() {}

    /** Twelve digits. */
    public static String of(KeyStore store) {
        return store.read(reader -> reader.get(KIND, ROW))
                .map(row -> new String(row.payload(), StandardCharsets.US_ASCII))
                .orElse(DEFAULT);
    }

    /** Puts the account of a new store; {@code id} has twelve digits. */
    public static void put(RowWriter writer, String id) {
        if (!ID.matcher(id).matches()) {
            throw new StoreException(Reason.REFUSED, "an account id has twelve digits");
        }
        writer.put(new Row(KIND, ROW, null, id.getBytes(StandardCharsets.US_ASCII)));
    }
}

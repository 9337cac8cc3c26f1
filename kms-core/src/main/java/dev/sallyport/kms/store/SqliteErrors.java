package dev.sallyport.kms.store;

import dev.sallyport.kms.store.StoreException.Reason;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** From SQLite's result codes to one line for an operator. */
final class SqliteErrors {
    private SqliteErrors() {}

    static StoreException translate(StoreFiles files, Throwable failure) {
        SQLiteException sqlite = find(failure);
        if (sqlite == null) {
            Throwable root = failure;
            while (root.getCause() != null) {
                root = root.getCause();
            }
            return new StoreException(
                    Reason.IO,
                    "key store " + files.database() + ": "
                            + firstLine(Objects.requireNonNullElse(
                                    root.getMessage(), root.getClass().getSimpleName())));
        }
        SQLiteErrorCode code = sqlite.getResultCode();
        Reason reason = switch (code) {
            case SQLITE_FULL -> Reason.FULL;
            case SQLITE_IOERR_FSYNC, SQLITE_IOERR_DIR_FSYNC -> Reason.LATCHED;
            case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_CORRUPT_VTAB -> Reason.CORRUPT;
            default -> Reason.IO;
        };
        String text = switch (reason) {
            case FULL -> "the disk of key store " + files.directory() + " is full: nothing was written";
            case LATCHED -> latchedMessage(files);
            case CORRUPT ->
                "key store " + files.database() + " is damaged (" + code.name()
                        + "): restore a backup (`sallyport keystore restore`)";
            default -> "key store " + files.database() + ": " + code.name() + ": " + firstLine(code.message);
        };
        return new StoreException(reason, text);
    }

    static String latchedMessage(StoreFiles files) {
        return "an fsync of key store " + files.directory()
                + " failed: it takes no more writes until the process is restarted on a sound disk";
    }

    static @Nullable SQLiteException find(Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof SQLiteException sqlite) {
                return sqlite;
            }
        }
        return null;
    }

    private static String firstLine(String text) {
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }
}

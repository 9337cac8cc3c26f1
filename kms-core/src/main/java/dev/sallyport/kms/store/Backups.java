package dev.sallyport.kms.store;

import dev.sallyport.kms.seal.SealSecret;
import dev.sallyport.kms.seal.Seals;
import dev.sallyport.kms.store.StoreException.Reason;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** Backups of key stores: written while the store serves, restored with nothing but the secret of one of its seals. */
public final class Backups {
    private Backups() {}

    /**
     * Writes a backup of one consistent snapshot; does not close the stream.
     *
     * @return the number of rows
     */
    public static long write(SqliteKeyStore store, OutputStream out) throws IOException {
        byte[] seals = store.files().readSeals(Seals.MAX_JSON + 1);
        try {
            return store.readRaw(reader -> {
                try (BackupWriter writer = new BackupWriter(out, store.rootKey(), seals)) {
                    StoreState state = StoreOpening.verify(store.files(), reader, false);
                    writer.state(reader.sealedState().orElseThrow());
                    reader.forEachSealed(row -> {
                        try {
                            writer.row(row);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
                    writer.finish();
                    return state.rows();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /**
     * Makes a key store from a backup. Its seals are those of the time of the backup. It begins a new lineage, so that a
     * journal of the old store's refuses it until the restore is accepted.
     *
     * @param directory holds no key store; made when absent
     * @return the number of rows
     * @throws StoreException {@code BAD_BACKUP}, {@code MISPLACED}, {@code CORRUPT}; then nothing was made
     * @throws dev.sallyport.kms.seal.SealException when the secret opens none of the backup's seals
     */
    public static long restore(Path file, Path directory, SealSecret secret) {
        StoreFiles files = new StoreFiles(directory);
        try (InputStream stream = open(file);
                BackupReader reader = new BackupReader(stream, secret)) {
            files.createDirectory();
            try (OwnerLock lock = OwnerLock.acquire(files)) {
                // Another may have been as far as here before: from now on what is removed again is this one's own.
                files.createDatabaseFile();
                boolean done = false;
                try {
                    long rows = restore(reader, files);
                    done = true;
                    return rows;
                } finally {
                    if (!done) {
                        removeDatabase(files);
                    }
                }
            }
        } catch (IOException e) {
            throw new StoreException(Reason.IO, "cannot read " + file + ": " + StoreFiles.describe(e));
        }
    }

    private static long restore(BackupReader reader, StoreFiles files) throws IOException {
        long rows;
        try (SqliteDatabase database = SqliteDatabase.open(files);
                RowSealer sealer = new RowSealer(reader.root());
                Handle handle = database.writer().open()) {
            rows = handle.inTransaction(transaction -> {
                StoreState counted = StoreState.empty();
                SqlRowWriter writer = new SqlRowWriter(transaction, sealer, counted);
                try {
                    SqlRowWriter.putState(transaction, reader.readAll(writer::putSealed));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                StoreState state = StoreOpening.verify(files, writer, true);
                SqlRowWriter.putState(
                        transaction, state.renewed(state.epoch() + 1).seal(sealer));
                return state.rows();
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (StoreException e) {
            throw e;
        } catch (RuntimeException e) {
            throw SqliteErrors.translate(files, e);
        }
        SqliteKeyStore.sync(files);
        StoreFiles.writeAtomically(files.seals(), reader.seals());
        return rows;
    }

    /**
     * Reads a whole backup and opens every row, without keeping any.
     *
     * @return the number of rows
     */
    public static long verify(Path file, SealSecret secret) {
        try (InputStream stream = open(file);
                BackupReader reader = new BackupReader(stream, secret);
                RowSealer sealer = new RowSealer(reader.root())) {
            StoreState counted = StoreState.empty();
            byte[] sealed = reader.readAll(row -> {
                sealer.open(row.kind(), row.id(), row.index(), row.sealed());
                counted.added(row.element(sealer));
            });
            if (!StoreState.open(sealer, sealed).sameRows(counted)) {
                throw BackupFormat.bad("its rows are not those that its state names");
            }
            return counted.rows();
        } catch (IOException e) {
            throw new StoreException(Reason.IO, "cannot read " + file + ": " + StoreFiles.describe(e));
        }
    }

    private static InputStream open(Path file) throws IOException {
        return new BufferedInputStream(Files.newInputStream(file), 1 << 17);
    }

    private static void removeDatabase(StoreFiles files) {
        for (String suffix : List.of("", "-wal", "-shm", "-journal")) {
            try {
                Files.deleteIfExists(
                        files.database().resolveSibling(files.database().getFileName() + suffix));
            } catch (IOException e) {
                // the failure that led here is thrown; a later restore names what is in its way
            }
        }
    }
}

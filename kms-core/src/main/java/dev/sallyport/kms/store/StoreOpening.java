package dev.sallyport.kms.store;

import dev.sallyport.kms.seal.RootKey;
import dev.sallyport.kms.seal.SealSecret;
import dev.sallyport.kms.seal.Seals;
import dev.sallyport.kms.store.StoreException.Reason;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;

/** How a key store is made and opened, and what is checked before it is used. */
final class StoreOpening {
    /** What a mismatch with the state or the witness means. */
    enum Mode {
        NORMAL,
        ACCEPT_RESTORE
    }

    private StoreOpening() {}

    static void create(StoreFiles files, SealSecret secret, Consumer<RowWriter> firstRows) {
        files.createDirectory();
        OwnerLock lock = OwnerLock.acquire(files);
        try (lock;
                RootKey root = RootKey.generate();
                RowSealer sealer = new RowSealer(root)) {
            Seals seals = Seals.create(root, secret, Instant.now());
            files.createDatabaseFile();
            try (SqliteDatabase database = SqliteDatabase.open(files);
                    Handle handle = database.writer().open()) {
                handle.useTransaction(transaction -> {
                    StoreState state = StoreState.empty();
                    firstRows.accept(new SqlRowWriter(transaction, sealer, state));
                    SqlRowWriter.putState(transaction, state.seal(sealer));
                });
            } catch (StoreException e) {
                throw e;
            } catch (RuntimeException e) {
                throw SqliteErrors.translate(files, e);
            }
            SqliteKeyStore.sync(files);
            // last: with this file the directory is a key store
            StoreFiles.writeAtomically(files.seals(), seals.toJson());
        }
    }

    static SqliteKeyStore open(StoreFiles files, SealSecret secret, DigestWitness witness, Mode mode) {
        files.check();
        Deque<AutoCloseable> opened = new ArrayDeque<>();
        try {
            OwnerLock lock = OwnerLock.acquire(files);
            opened.push(lock);
            RootKey root = Seals.parse(files.readSeals(Seals.MAX_JSON + 1)).open(secret);
            opened.push(root);
            RowSealer sealer = new RowSealer(root);
            opened.push(sealer);
            SqliteDatabase database = SqliteDatabase.open(files);
            opened.push(database);
            StoreState state = checkedState(files, database, sealer, witness, mode);
            SqliteKeyStore store = new SqliteKeyStore(files, lock, root, sealer, database, state, witness);
            opened.clear();
            return store;
        } catch (StoreException | dev.sallyport.kms.seal.SealException e) {
            throw e;
        } catch (RuntimeException e) {
            throw SqliteErrors.find(e) == null ? e : SqliteErrors.translate(files, e);
        } finally {
            closeAll(opened);
        }
    }

    private static void closeAll(Deque<AutoCloseable> opened) {
        for (AutoCloseable each : opened) {
            try {
                each.close();
            } catch (Exception e) {
                // the reason why the store does not open is thrown already
            }
        }
    }

    private static StoreState checkedState(
            StoreFiles files, SqliteDatabase database, RowSealer sealer, DigestWitness witness, Mode mode) {
        Optional<StoreDigest> seen = witness.lastSeen();
        StoreState state = switch (mode) {
            case NORMAL ->
                database.reader().inTransaction(handle -> {
                    StoreState found = verify(files, new SqlRowReader(handle, sealer), false);
                    seen.ifPresent(last -> compare(files, found, sealer, last));
                    return found;
                });
            case ACCEPT_RESTORE -> accept(files, database, sealer, seen);
        };
        StoreDigest digest = state.digest(sealer);
        if (!seen.equals(Optional.of(digest))) {
            witness.saw(digest);
        }
        return state;
    }

    /**
     * The state of the store, once it agrees with the rows.
     *
     * @param openAll whether to open every row too, or only to hash it
     */
    static StoreState verify(StoreFiles files, SqlRowReader reader, boolean openAll) {
        StoreState stated = stated(files, reader);
        StoreState counted = count(reader, openAll);
        if (!stated.sameRows(counted)) {
            if (!openAll) {
                count(reader, true); // names the damaged row, if one does not open
            }
            throw new StoreException(
                    Reason.ROLLED_BACK,
                    "key store " + files.directory() + " was edited from outside (it has " + counted.rows()
                            + " rows where " + stated.rows() + " were written, or older ones): restore a backup, or run"
                            + " `sallyport keystore accept-restore` if this was meant");
        }
        return stated;
    }

    private static StoreState stated(StoreFiles files, SqlRowReader reader) {
        byte[] sealed = reader.sealedState()
                .orElseThrow(() -> new StoreException(
                        Reason.CORRUPT,
                        "key store " + files.database() + " has no state row: restore a backup"
                                + " (`sallyport keystore restore`)"));
        return StoreState.open(reader.sealer, sealed);
    }

    private static StoreState count(SqlRowReader reader, boolean openAll) {
        StoreState counted = StoreState.empty();
        reader.forEachSealed(row -> {
            if (openAll) {
                reader.open(row);
            }
            counted.added(row.element(reader.sealer));
        });
        return counted;
    }

    private static void compare(StoreFiles files, StoreState state, RowSealer sealer, StoreDigest last) {
        StoreDigest now = state.digest(sealer);
        boolean newer = now.lineage().equals(last.lineage()) && now.epoch() > last.epoch();
        if (!newer && !now.equals(last)) {
            String what = now.lineage().equals(last.lineage())
                    ? "is at change " + now.epoch() + ", the audit journal saw change " + last.epoch()
                    : "is not the one that the audit journal saw";
            throw new StoreException(
                    Reason.ROLLED_BACK,
                    "key store " + files.directory() + " " + what + ": an older copy; if a restore was meant, run"
                            + " `sallyport keystore accept-restore`");
        }
    }

    /** The rows as they are, under a new lineage and an epoch that none has seen. */
    private static StoreState accept(
            StoreFiles files, SqliteDatabase database, RowSealer sealer, Optional<StoreDigest> seen) {
        return database.writer().inTransaction(handle -> {
            SqlRowReader reader = new SqlRowReader(handle, sealer);
            long epoch = Math.max(
                            stated(files, reader).epoch(),
                            seen.map(StoreDigest::epoch).orElse(0L))
                    + 1;
            StoreState accepted = count(reader, true).renewed(epoch);
            SqlRowWriter.putState(handle, accepted.seal(sealer));
            return accepted;
        });
    }
}

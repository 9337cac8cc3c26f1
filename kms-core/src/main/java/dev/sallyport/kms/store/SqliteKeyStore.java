package dev.sallyport.kms.store;

import dev.sallyport.kms.seal.RootKey;
import dev.sallyport.kms.seal.SealInfo;
import dev.sallyport.kms.seal.SealSecret;
import dev.sallyport.kms.seal.Seals;
import dev.sallyport.kms.store.StoreException.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A key store in a directory: a SQLite file of sealed rows, the seals of its root key, and a lock that makes this process its
 * only owner. Safe for use by any number of threads, virtual ones too: SQL runs on platform threads of the store's own.
 *
 * <p>A write is durable when {@link #write} returns. Actions run on the store's threads: they may neither block on anything
 * else nor call the store again.
 *
 * <p>Format and checks: {@code kms-core/docs/key-store.md}.
 */
public final class SqliteKeyStore implements KeyStore {
    private static final Logger LOG = LoggerFactory.getLogger(SqliteKeyStore.class);

    private final StoreFiles files;
    private final OwnerLock lock;
    private final RootKey root;
    private final RowSealer sealer;
    private final SqliteDatabase database;
    private final SqliteWriter writer;
    private final ExecutorService readers;
    private final DigestWitness witness;
    private final ThreadLocal<Boolean> reading = ThreadLocal.withInitial(() -> false);
    private final Map<String, Long> kindEpochs = new ConcurrentHashMap<>();
    private final long firstEpoch;
    private final Object sealsLock = new Object();
    private volatile StoreDigest digest;
    private volatile boolean closed;

    SqliteKeyStore(
            StoreFiles files,
            OwnerLock lock,
            RootKey root,
            RowSealer sealer,
            SqliteDatabase database,
            StoreState state,
            DigestWitness witness) {
        this.files = files;
        this.lock = lock;
        this.root = root;
        this.sealer = sealer;
        this.database = database;
        this.witness = witness;
        firstEpoch = state.epoch();
        digest = state.digest(sealer);
        readers = Executors.newFixedThreadPool(
                SqliteDatabase.READERS,
                Thread.ofPlatform().name("keystore-reader-", 0).daemon().factory());
        writer = new SqliteWriter(files, database, sealer, state, this::committed);
        writer.start();
    }

    /**
     * Makes an empty key store.
     *
     * @param directory made with mode 0700 when absent
     * @param secret opens the first seal
     * @throws StoreException {@code MISPLACED} when there is one already
     */
    public static void create(Path directory, SealSecret secret) {
        create(directory, secret, writer -> {});
    }

    /**
     * Makes a key store that has some rows from its beginning.
     *
     * @param firstRows puts them; a crash leaves a store with all of them, or none that opens
     */
    public static void create(Path directory, SealSecret secret, Consumer<RowWriter> firstRows) {
        StoreOpening.create(new StoreFiles(directory), secret, firstRows);
    }

    /**
     * Opens a key store and becomes its owner.
     *
     * @param secret opens any of the seals
     * @param witness remembers the store's digests from earlier runs
     * @throws StoreException {@code IN_USE}, {@code MISPLACED}, {@code PERMISSIONS}, {@code CORRUPT}, {@code ROLLED_BACK}
     * @throws dev.sallyport.kms.seal.SealException when no seal opens
     */
    public static SqliteKeyStore open(Path directory, SealSecret secret, DigestWitness witness) {
        return StoreOpening.open(new StoreFiles(directory), secret, witness, StoreOpening.Mode.NORMAL);
    }

    /**
     * Opens a key store that is older or other than what the witness saw, and makes its present rows the valid ones: every row
     * must open, the digest is computed anew, a new lineage begins.
     */
    public static SqliteKeyStore acceptRestore(Path directory, SealSecret secret, DigestWitness witness) {
        return StoreOpening.open(new StoreFiles(directory), secret, witness, StoreOpening.Mode.ACCEPT_RESTORE);
    }

    @Override
    public <T> T read(Function<RowReader, T> action) {
        return readRaw(reader -> action.apply(reader));
    }

    <T> T readRaw(Function<SqlRowReader, T> action) {
        if (reading.get()) {
            throw new IllegalStateException("a read of the key store inside another");
        }
        CompletableFuture<T> outcome = new CompletableFuture<>();
        try {
            readers.execute(() -> {
                reading.set(true);
                try {
                    outcome.complete(readNow(action));
                } catch (Throwable e) {
                    outcome.completeExceptionally(e);
                } finally {
                    reading.set(false);
                }
            });
        } catch (RejectedExecutionException e) {
            throw new StoreException(Reason.CLOSED, "key store " + files.directory() + " is closed");
        }
        return SqliteWriter.Outcomes.await(outcome);
    }

    private <T> T readNow(Function<SqlRowReader, T> action) {
        try (Handle handle = database.reader().open()) {
            handle.begin();
            try {
                return action.apply(new SqlRowReader(handle, sealer));
            } finally {
                handle.rollback();
            }
        } catch (RuntimeException e) {
            throw SqliteErrors.find(e) == null ? e : SqliteErrors.translate(files, e);
        }
    }

    @Override
    public <T> T write(Function<RowWriter, T> action) {
        return writer.write(action);
    }

    @Override
    public long epoch() {
        return digest.epoch();
    }

    @Override
    public long epoch(String kind) {
        return kindEpochs.getOrDefault(kind, firstEpoch);
    }

    private void committed(StoreState state, Map<String, Long> changedKinds) {
        kindEpochs.putAll(changedKinds);
        StoreDigest now = state.digest(sealer);
        digest = now;
        try {
            witness.saw(now);
        } catch (RuntimeException e) {
            LOG.error("the witness did not record digest of epoch {}", now.epoch(), e);
        }
    }

    /** The digest after the last commit. */
    public StoreDigest digest() {
        return digest;
    }

    /** From which the keys outside this store are derived, such as a region's domain key; closed with the store. */
    public RootKey rootKey() {
        return root;
    }

    /** The directory's files. */
    public StoreFiles files() {
        return files;
    }

    /**
     * Opens every row and compares the whole with the store's state.
     *
     * @return the number of rows
     * @throws StoreException {@code CORRUPT}, naming the first row that does not open
     */
    public long verify() {
        return readRaw(reader -> StoreOpening.verify(files, reader, true).rows());
    }

    /** The seals that open this store. */
    public List<SealInfo> seals() {
        return readSeals().list();
    }

    /** One more seal, durable when this returns. */
    public SealInfo addSeal(SealSecret secret) {
        synchronized (sealsLock) {
            Seals more = readSeals().add(root, secret, Instant.now());
            StoreFiles.writeAtomically(files.seals(), more.toJson());
            return more.list().getLast();
        }
    }

    /** One seal less; never the last. Copies of the old file and old backups still open with its secret. */
    public void removeSeal(String id) {
        synchronized (sealsLock) {
            StoreFiles.writeAtomically(files.seals(), readSeals().remove(id).toJson());
        }
    }

    private Seals readSeals() {
        return Seals.parse(files.readSeals(Seals.MAX_JSON + 1));
    }

    RowSealer sealer() {
        return sealer;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        writer.close();
        readers.close();
        database.close();
        sealer.close();
        root.close();
        lock.close();
    }

    /** Makes the entry of a new file durable. */
    static void sync(StoreFiles files) {
        try {
            StoreFiles.syncDirectory(files.directory());
        } catch (IOException e) {
            throw new StoreException(Reason.IO, "cannot sync " + files.directory() + ": " + StoreFiles.describe(e));
        }
    }
}

package dev.sallyport.gateway.upload;

import dev.sallyport.gateway.backend.BackendUnavailableException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/**
 * The SQLite file of the uploads in progress: one connection that writes and one that reads, each on a platform thread of its
 * own, since SQLite's native code and its fsync would pin the carrier of a virtual one. WAL with {@code synchronous=FULL}: a
 * part that was acknowledged is in the tables after a power loss.
 */
final class UploadDatabase implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UploadDatabase.class);

    private final Lane writer;
    private final Lane reader;

    private UploadDatabase(Path file) {
        SQLiteDataSource writing = source(file, SQLiteConfig.TransactionMode.IMMEDIATE);
        Flyway.configure(UploadDatabase.class.getClassLoader())
                .dataSource(writing)
                .locations("classpath:dev/sallyport/gateway/upload/migration")
                .table("schema_history")
                .load()
                .migrate();
        writer = new Lane("uploads-writer", writing);
        reader = new Lane("uploads-reader", source(file, SQLiteConfig.TransactionMode.DEFERRED));
    }

    /** Opens the file, made with mode 0600 when it is not there, and brings its schema up to date. */
    static UploadDatabase open(Path file) {
        try {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (FileAlreadyExistsException e) {
            // Opened as it is.
        } catch (IOException e) {
            throw new UncheckedIOException("cannot create " + file, e);
        }
        return new UploadDatabase(file);
    }

    /**
     * Runs one transaction, durable when this returns.
     *
     * @throws BackendUnavailableException when the file cannot be written: a full disk, or a defect of it
     */
    <T> T write(Function<Handle, T> action) {
        return writer.run(handle -> handle.inTransaction(action::apply));
    }

    /** Reads. */
    <T> T read(Function<Handle, T> action) {
        return reader.run(action);
    }

    private static SQLiteDataSource source(Path file, SQLiteConfig.TransactionMode mode) {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setPragma(SQLiteConfig.Pragma.FULL_SYNC, "true");
        config.setTempStore(SQLiteConfig.TempStore.MEMORY);
        config.setBusyTimeout(10_000);
        config.enforceForeignKeys(true);
        config.setTransactionMode(mode);
        SQLiteDataSource source = new SQLiteDataSource(config);
        source.setUrl("jdbc:sqlite:" + file);
        return source;
    }

    @Override
    public void close() {
        reader.close();
        // Last, so that SQLite folds the WAL into the file.
        writer.close();
    }

    /** A connection and its thread. */
    private static final class Lane implements AutoCloseable {
        private final ExecutorService thread;
        private final Handle handle;

        Lane(String name, SQLiteDataSource source) {
            thread = Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().name(name).daemon().factory());
            handle = CompletableFuture.supplyAsync(() -> Jdbi.create(source).open(), thread)
                    .join();
        }

        <T> T run(Function<Handle, T> action) {
            try {
                return CompletableFuture.supplyAsync(() -> action.apply(handle), thread)
                        .join();
            } catch (CompletionException e) {
                Throwable cause = e.getCause();
                LOG.error("the tables of uploads in progress cannot be used", cause);
                throw new BackendUnavailableException("the tables of uploads in progress cannot be used");
            }
        }

        @Override
        public void close() {
            CompletableFuture.runAsync(handle::close, thread).join();
            thread.close();
        }
    }
}

package dev.sallyport.kms.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.time.Duration;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Jdbi;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/**
 * The SQLite file of a key store: one connection that writes, a few that read. WAL with {@code synchronous=FULL}, so that a
 * commit is on the disk when it returns; {@code secure_delete}, so that what is deleted is overwritten.
 */
final class SqliteDatabase implements AutoCloseable {
    static final int READERS = 4;

    private final HikariDataSource readerPool;
    private final HikariDataSource writerPool;
    private final Jdbi reader;
    private final Jdbi writer;

    private SqliteDatabase(StoreFiles files) {
        migrate(source(files, SQLiteConfig.TransactionMode.IMMEDIATE));
        writerPool = pool(
                "keystore-writer", 1, "PRAGMA query_only = 0", source(files, SQLiteConfig.TransactionMode.IMMEDIATE));
        readerPool = pool(
                "keystore-reader",
                READERS,
                "PRAGMA query_only = 1",
                source(files, SQLiteConfig.TransactionMode.DEFERRED));
        reader = Jdbi.create(readerPool);
        writer = Jdbi.create(writerPool);
    }

    /**
     * Opens the file and brings its schema up to date.
     *
     * @throws StoreException when it cannot be opened, is damaged or full
     */
    static SqliteDatabase open(StoreFiles files) {
        try {
            return new SqliteDatabase(files);
        } catch (StoreException e) {
            throw e;
        } catch (RuntimeException e) {
            throw SqliteErrors.translate(files, e);
        }
    }

    Jdbi reader() {
        return reader;
    }

    Jdbi writer() {
        return writer;
    }

    private static SQLiteDataSource source(StoreFiles files, SQLiteConfig.TransactionMode mode) {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setPragma(SQLiteConfig.Pragma.SECURE_DELETE, "true");
        // macOS: fsync alone does not reach the platter there
        config.setPragma(SQLiteConfig.Pragma.FULL_SYNC, "true");
        config.setTempStore(SQLiteConfig.TempStore.MEMORY);
        config.setBusyTimeout(10_000);
        config.setTransactionMode(mode);
        SQLiteDataSource source = new SQLiteDataSource(config);
        source.setUrl("jdbc:sqlite:" + files.database());
        return source;
    }

    private static HikariDataSource pool(String name, int size, String first, DataSource source) {
        HikariConfig config = new HikariConfig();
        config.setPoolName(name);
        config.setDataSource(source);
        config.setConnectionInitSql(first);
        config.setMaximumPoolSize(size);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(Duration.ofSeconds(30).toMillis());
        // a local file: there is no peer that drops connections
        config.setMaxLifetime(0);
        config.setIdleTimeout(0);
        return new HikariDataSource(config);
    }

    private static void migrate(DataSource source) {
        Flyway.configure(SqliteDatabase.class.getClassLoader())
                .dataSource(source)
                .locations("classpath:dev/sallyport/kms/store/migration")
                .table("schema_history")
                .load()
                .migrate();
    }

    @Override
    public void close() {
        readerPool.close();
        // last, so that SQLite folds the WAL into the database file
        writerPool.close();
    }
}

package dev.sallyport.kms.audit;

import dev.sallyport.kms.AuditReceipt;
import dev.sallyport.kms.KmsException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The audit log as an append-only directory of numbered segments, each record chained to the one before by SHA-256. Appends
 * are written in batches by one platform thread and are durable when their receipt says so. Thread-safe; one process at a
 * time owns the directory.
 *
 * <p>The format is specified in {@code docs/audit-journal.md}.
 */
public final class AuditJournal implements AuditLog, AutoCloseable {
    private static final String LOCK = "journal.lock";

    private final FileChannel lockFile;
    private final SegmentSet segments;
    private final JournalWriter writer;
    private final Thread thread;

    private AuditJournal(FileChannel lockFile, SegmentSet segments, JournalOptions options) {
        this.lockFile = lockFile;
        this.segments = segments;
        this.writer = new JournalWriter(segments, options);
        this.thread = Thread.ofPlatform().daemon().name("audit-journal").unstarted(writer);
    }

    /**
     * Opens the journal in a directory, which is made if need be. A torn tail is cut and logged.
     *
     * @throws JournalCorruptException when acknowledged records of the last segment are damaged
     * @throws IOException when the directory cannot be used, or another process has it
     */
    public static AuditJournal open(Path directory, JournalOptions options) throws IOException {
        return open(directory, options, JournalFiles.SYSTEM);
    }

    static AuditJournal open(Path directory, JournalOptions options, JournalFiles files) throws IOException {
        JournalFiles.createDirectory(directory);
        FileChannel lockFile = lock(directory);
        try {
            AuditJournal journal = new AuditJournal(lockFile, SegmentSet.open(directory, files, options), options);
            journal.thread.start();
            return journal;
        } catch (IOException | RuntimeException e) {
            lockFile.close();
            throw e;
        }
    }

    private static FileChannel lock(Path directory) throws IOException {
        FileChannel channel = FileChannel.open(
                directory.resolve(LOCK),
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            channel.close();
            throw new IOException("the audit journal in " + directory + " is open in another process");
        }
        return channel;
    }

    @Override
    public AuditReceipt append(AuditEvent event) {
        byte[] json = CloudTrailRecord.toJson(event, UUID.randomUUID());
        if (json.length > JournalFormat.MAX_PAYLOAD) {
            throw new KmsException(KmsException.Code.INTERNAL, "The audit event is too large.");
        }
        return writer.submit(new JournalWriter.Pending(
                JournalFormat.KIND_EVENT, event.time().toEpochMilli(), json, EventTokens.of(event), null));
    }

    /**
     * Writes the key store's digest into the chain.
     *
     * @throws KmsException as {@link #append} does
     */
    public AuditReceipt appendStoreDigest(StoreDigest digest, Instant time) {
        return writer.submit(new JournalWriter.Pending(
                JournalFormat.KIND_STORE_DIGEST,
                time.toEpochMilli(),
                digest.toJson().getBytes(StandardCharsets.UTF_8),
                List.of(),
                digest));
    }

    /** The last digest that is durable in the chain; null when there never was one. */
    public @Nullable StoreDigest lastStoreDigest() {
        return segments.digest();
    }

    @Override
    public void requireOpen() {
        if (state() != JournalState.OPEN) {
            throw new KmsException(KmsException.Code.INTERNAL, "");
        }
    }

    /** Whether events are taken now. */
    public JournalState state() {
        return writer.state();
    }

    /** Writes what was appended, then refuses all further events. */
    @Override
    public void close() throws IOException {
        writer.close(thread);
        lockFile.close();
    }
}

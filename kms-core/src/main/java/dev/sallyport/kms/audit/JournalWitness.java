package dev.sallyport.kms.audit;

import dev.sallyport.kms.store.DigestWitness;
import dev.sallyport.kms.store.StoreDigest;
import dev.sallyport.kms.store.StoreException;
import dev.sallyport.kms.store.StoreException.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The audit journal as the witness of a key store: every digest goes into its chain, and the last one that is durable there
 * is what a store must not be older than. The journal is opened when the store first asks, which it does once this process
 * owns it.
 */
public final class JournalWitness implements DigestWitness, AutoCloseable {
    private static final int LINEAGE_DIGITS = 32;

    private final Path directory;
    private final JournalOptions options;
    private @Nullable AuditJournal journal;

    public JournalWitness(Path directory, JournalOptions options) {
        this.directory = directory;
        this.options = options;
    }

    /**
     * The journal, opened if need be; closed with the witness.
     *
     * @throws StoreException {@code IO} or {@code CORRUPT} when it does not open
     */
    public synchronized AuditJournal journal() {
        if (journal == null) {
            try {
                journal = AuditJournal.open(directory, options);
            } catch (IOException e) {
                throw new StoreException(
                        Reason.IO, "the audit journal in " + directory + " does not open: " + e.getMessage());
            } catch (JournalCorruptException e) {
                throw new StoreException(
                        Reason.CORRUPT, "the audit journal in " + directory + " is damaged: " + e.getMessage());
            }
        }
        return journal;
    }

    @Override
    public Optional<StoreDigest> lastSeen() {
        return Optional.ofNullable(journal().lastStoreDigest()).map(JournalWitness::decode);
    }

    /** {@inheritDoc} Lineage and value are one hexadecimal text in the chain. */
    @Override
    public void saw(StoreDigest digest) {
        journal()
                .appendStoreDigest(
                        new dev.sallyport.kms.audit.StoreDigest(digest.epoch(), digest.lineage() + digest.value()),
                        Instant.now());
    }

    private static StoreDigest decode(dev.sallyport.kms.audit.StoreDigest recorded) {
        String hex = recorded.digestHex();
        if (hex.length() <= LINEAGE_DIGITS) {
            throw new StoreException(Reason.CORRUPT, "the audit journal holds a malformed digest of the key store");
        }
        return new StoreDigest(hex.substring(0, LINEAGE_DIGITS), recorded.epoch(), hex.substring(LINEAGE_DIGITS));
    }

    /** Writes what was appended and closes the journal. */
    @Override
    public synchronized void close() {
        if (journal != null) {
            try {
                journal.close();
            } catch (IOException e) {
                throw new StoreException(
                        Reason.IO, "the audit journal in " + directory + " does not close: " + e.getMessage());
            }
        }
    }
}

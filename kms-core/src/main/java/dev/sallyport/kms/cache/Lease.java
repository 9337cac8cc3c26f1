package dev.sallyport.kms.cache;

import dev.sallyport.kms.crypto.SecretBytes;
import java.util.concurrent.atomic.AtomicBoolean;

/** A cached key in use: it is not zeroed before its last lease is closed, whatever the cache does. */
public final class Lease implements AutoCloseable {
    private final CachedKey owner;
    private final SecretBytes key;
    private final AtomicBoolean closed = new AtomicBoolean();

    Lease(CachedKey owner, SecretBytes key) {
        this.owner = owner;
        this.key = key;
    }

    /** The key, which belongs to the cache: never close it, and do not use it after this lease is closed. */
    public SecretBytes key() {
        if (closed.get()) {
            throw new IllegalStateException("lease is closed");
        }
        return key;
    }

    /** Gives the key back; closing twice is harmless. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            owner.release();
        }
    }
}

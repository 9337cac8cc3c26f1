package dev.sallyport.kms.cache;

import dev.sallyport.kms.crypto.SecretBytes;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One entry of the cache, from before its load to after its last lease.
 *
 * <pre>
 *   loading ──loaded──▶ held by the cache ──evicted──▶ draining ──last lease closed──▶ zeroed
 *      │ └──evicted──▶ loading, not kept ──loaded───────▲
 *      └──failed──▶ failure, kept briefly or not at all
 * </pre>
 */
final class CachedKey {
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private @Nullable SecretBytes secret;
    private @Nullable RuntimeException failure;
    private boolean failureShared;
    private long failedAtNanos;
    private boolean evicted;
    private int leases;
    private long uses;
    private long bytes;

    /** Waits until the load has ended, either way. */
    void await() {
        done.join();
    }

    /** The load succeeded: the loader's own lease, given whatever the limits say. */
    Lease loaded(SecretBytes loaded, long bytesToServe) {
        Lease lease;
        synchronized (this) {
            secret = loaded;
            lease = take(loaded, bytesToServe);
        }
        done.complete(null);
        return lease;
    }

    /** The load failed. An unshared failure is for its own caller only. */
    void failed(@Nullable RuntimeException cause, boolean shared, long nowNanos) {
        synchronized (this) {
            failure = cause;
            failureShared = shared && cause != null;
            failedAtNanos = nowNanos;
        }
        done.complete(null);
    }

    /** The failure, when others may see it and it is not older than that. */
    synchronized @Nullable RuntimeException sharedFailure(long nowNanos, long maxAgeNanos) {
        return failureShared && nowNanos - failedAtNanos < maxAgeNanos ? failure : null;
    }

    /** A lease; null when the key is spent, evicted or was never loaded. */
    synchronized @Nullable Lease lease(long bytesToServe, KeyCacheLimits limits) {
        SecretBytes key = secret;
        if (key == null || evicted || uses >= limits.maxUses() || bytesToServe > limits.maxBytes() - bytes) {
            return null;
        }
        return take(key, bytesToServe);
    }

    /** The cache lets go of the key: it is zeroed now, or when its last lease is closed. */
    synchronized void evict() {
        evicted = true;
        zeroIfUnused();
    }

    synchronized void release() {
        leases--;
        zeroIfUnused();
    }

    private Lease take(SecretBytes key, long bytesToServe) {
        leases++;
        uses++;
        bytes = Math.addExact(bytes, bytesToServe);
        return new Lease(this, key);
    }

    private void zeroIfUnused() {
        if (evicted && leases == 0 && secret != null) {
            secret.close();
        }
    }
}

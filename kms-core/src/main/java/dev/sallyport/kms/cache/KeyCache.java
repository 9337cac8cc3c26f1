package dev.sallyport.kms.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.Scheduler;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.sallyport.kms.crypto.SecretBytes;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A cache of opened keys, bounded by age, number, uses and bytes.
 *
 * <p>Keyed by what was opened (the wrapped bytes and the context, by value), so that a changed object or key never meets an
 * old entry. One thread loads a key, others that ask meanwhile wait for it. What leaves the cache is zeroed, but not while a
 * {@link Lease} of it is open. A load that {@link #invalidateAll} overtook still serves its own caller and is not kept.
 *
 * <p>The cache does not authorise: whoever asks has been authorised before. A denial is one caller's affair, so only
 * failures that depend on nothing but the key are shared and kept (see the constructor).
 *
 * @param <K> identity of what was opened, with {@code equals} by value
 */
public final class KeyCache<K> implements AutoCloseable {
    private final KeyCacheLimits limits;
    private final Predicate<RuntimeException> sharedFailures;
    private final KeyCacheMetrics metrics;
    private final Ticker ticker;
    private final Cache<K, CachedKey> keys;

    /**
     * An empty cache.
     *
     * @param sharedFailures which failures of a loader would meet every caller (an invalid ciphertext), so that they may be
     *     kept for a while; others reach the loader's caller only
     */
    public KeyCache(KeyCacheLimits limits, Predicate<RuntimeException> sharedFailures, KeyCacheMetrics metrics) {
        this(limits, sharedFailures, metrics, Ticker.systemTicker());
    }

    KeyCache(
            KeyCacheLimits limits, Predicate<RuntimeException> sharedFailures, KeyCacheMetrics metrics, Ticker ticker) {
        this.limits = limits;
        this.sharedFailures = sharedFailures;
        this.metrics = metrics;
        this.ticker = ticker;
        // In the caller's own thread: a key is zeroed before the call that evicted it returns.
        this.keys = Caffeine.newBuilder()
                .maximumSize(limits.maxEntries())
                .expireAfterWrite(limits.maxAge())
                .ticker(ticker)
                .scheduler(Scheduler.systemScheduler())
                .executor(Runnable::run)
                .removalListener((@Nullable K key, @Nullable CachedKey value, RemovalCause cause) -> {
                    if (value != null) {
                        value.evict();
                        metrics.evicted();
                    }
                })
                .build();
    }

    /** The key, for a use whose bytes are not counted. */
    public Lease get(K key, Supplier<SecretBytes> loader) {
        return get(key, 0, loader);
    }

    /**
     * The key, loaded if need be. The cache takes over what {@code loader} gives, and closes it.
     *
     * @param bytes what this use counts against {@link KeyCacheLimits#maxBytes()}
     * @throws RuntimeException what the loader threw, now or, if it is shared, a short while ago
     */
    public Lease get(K key, long bytes, Supplier<SecretBytes> loader) {
        if (bytes < 0) {
            throw new IllegalArgumentException("a use of " + bytes + " bytes");
        }
        while (true) {
            CachedKey mine = new CachedKey();
            CachedKey present = keys.getIfPresent(key);
            if (present == null) {
                present = keys.asMap().putIfAbsent(key, mine);
            }
            if (present == null) {
                return load(key, mine, bytes, loader);
            }
            present.await();
            RuntimeException failure =
                    present.sharedFailure(ticker.read(), limits.failureAge().toNanos());
            if (failure != null) {
                metrics.failureHit();
                throw failure;
            }
            Lease lease = present.lease(bytes, limits);
            if (lease != null) {
                metrics.hit();
                return lease;
            }
            keys.asMap().remove(key, present);
        }
    }

    /** Drops one key; when this returns, no later call is answered from it. */
    public void invalidate(K key) {
        keys.invalidate(key);
    }

    /** Drops every key, also those being loaded; when this returns, no later call is answered from them. */
    public void invalidateAll() {
        keys.invalidateAll();
    }

    /** Number of entries, those being loaded and failures included; for metrics. */
    public long size() {
        return keys.estimatedSize();
    }

    @Override
    public void close() {
        invalidateAll();
    }

    private Lease load(K key, CachedKey entry, long bytes, Supplier<SecretBytes> loader) {
        metrics.miss();
        boolean kept = false;
        try {
            SecretBytes secret = loader.get();
            kept = true;
            return entry.loaded(secret, bytes);
        } catch (RuntimeException e) {
            kept = limits.failureAge().isPositive() && sharedFailures.test(e);
            entry.failed(e, kept, ticker.read());
            throw e;
        } finally {
            if (!kept) {
                keys.asMap().remove(key, entry);
                // After an Error too, nobody may wait for ever.
                entry.failed(null, false, 0);
            }
        }
    }
}

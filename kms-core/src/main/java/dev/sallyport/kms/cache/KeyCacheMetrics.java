package dev.sallyport.kms.cache;

/** Counts what a {@link KeyCache} does. Implementations are quick, do not throw, and are safe for several threads. */
public interface KeyCacheMetrics {
    /** Counts nothing. */
    KeyCacheMetrics NONE = new KeyCacheMetrics() {};

    /** A key was answered from the cache, or by a load of another thread. */
    default void hit() {}

    /** A key was loaded, or a load failed. */
    default void miss() {}

    /** A failure was answered from the cache, or from a load of another thread. */
    default void failureHit() {}

    /** A key left the cache: by age, size, use or invalidation. */
    default void evicted() {}
}

package dev.sallyport.kms.cache;

/**
 * What a cache of opened keys did since it was made, and what it holds now.
 *
 * @param hits keys that were answered from the cache
 * @param misses keys that were loaded, or could not be
 * @param evictions keys that left the cache by age or number
 * @param size keys held now
 */
public record KeyCacheStats(long hits, long misses, long evictions, long size) {}

package dev.sallyport.kms.cache;

import java.time.Duration;

/**
 * The bounds of a {@link KeyCache}.
 *
 * @param maxAge how long a key may be answered from the cache, counted from the start of its load
 * @param maxEntries most keys at a time; the least useful goes first
 * @param maxUses most leases of one key before it is loaded anew
 * @param maxBytes most bytes, as counted by those who lease it, that one key serves before it is loaded anew
 * @param failureAge how long a failure is answered from the cache; zero for never
 */
public record KeyCacheLimits(Duration maxAge, int maxEntries, long maxUses, long maxBytes, Duration failureAge) {
    public KeyCacheLimits {
        if (maxAge.isNegative() || maxAge.isZero() || failureAge.isNegative()) {
            throw new IllegalArgumentException("ages " + maxAge + " and " + failureAge);
        }
        if (maxEntries < 1 || maxUses < 1 || maxBytes < 1) {
            throw new IllegalArgumentException(
                    "limits of " + maxEntries + " entries, " + maxUses + " uses, " + maxBytes + " bytes");
        }
    }
}

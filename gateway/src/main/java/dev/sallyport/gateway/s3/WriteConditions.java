package dev.sallyport.gateway.s3;

import org.jspecify.annotations.Nullable;

/**
 * Conditions under which a write may replace what is there.
 *
 * @param ifMatch the client's ETag as sent; null for none
 * @param ifNoneMatch whether the key must be free ({@code If-None-Match: *})
 */
public record WriteConditions(@Nullable String ifMatch, boolean ifNoneMatch) {
    public static final WriteConditions NONE = new WriteConditions(null, false);

    public WriteConditions {
        if (ifMatch != null && ifNoneMatch) {
            throw new IllegalArgumentException("both conditions");
        }
    }
}

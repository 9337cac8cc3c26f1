package dev.sallyport.gateway.s3;

import org.jspecify.annotations.Nullable;

/**
 * What the client wants of one page of a listing.
 *
 * @param prefix of the keys; null when not sent, which the answer shows as empty
 * @param delimiter that groups keys into common prefixes; null or empty for none
 * @param maxKeys as sent, 0 or more; a page never holds more than 1,000
 * @param urlEncoded whether keys are to be percent-encoded ({@code encoding-type=url})
 */
public record ListPage(@Nullable String prefix, @Nullable String delimiter, int maxKeys, boolean urlEncoded) {
    /** The most entries on a page, whatever was asked for. */
    public static final int MOST = 1000;

    public ListPage {
        if (maxKeys < 0) {
            throw new IllegalArgumentException("negative page");
        }
    }
}

package dev.sallyport.kms.store;

import java.util.regex.Pattern;

/**
 * The state of a whole key store in a few bytes, safe to publish: whoever has seen it can tell a store that was rolled back or
 * edited from the one it saw.
 *
 * @param lineage 32 hexadecimal digits, drawn anew at every restore and every accepted one, so that two histories that part
 *     never look alike
 * @param epoch how many changes were committed
 * @param value HMAC-SHA-256 over all of this and the hash over all rows, as 64 hexadecimal digits
 */
public record StoreDigest(String lineage, long epoch, String value) {
    private static final Pattern LINEAGE = Pattern.compile("[0-9a-f]{32}");
    private static final Pattern VALUE = Pattern.compile("[0-9a-f]{64}");

    public StoreDigest {
        if (!LINEAGE.matcher(lineage).matches()
                || epoch < 0
                || !VALUE.matcher(value).matches()) {
            throw new IllegalArgumentException("malformed key store digest");
        }
    }
}

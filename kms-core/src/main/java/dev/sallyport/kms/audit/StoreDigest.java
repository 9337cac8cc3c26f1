package dev.sallyport.kms.audit;

/**
 * The key store's state as the audit chain remembers it, so that a store that was rolled back is noticed at start.
 *
 * @param epoch grows with every change of the store
 * @param digestHex the store's digest in lower-case hexadecimal, at most 256 characters
 */
public record StoreDigest(long epoch, String digestHex) {
    private static final int MAX_DIGEST = 256;

    public StoreDigest {
        if (epoch < 0) {
            throw new IllegalArgumentException("negative epoch");
        }
        if (!digestHex.matches("[0-9a-f]{2," + MAX_DIGEST + "}")) {
            throw new IllegalArgumentException("a digest is 2 to 256 lower-case hexadecimal digits");
        }
    }

    String toJson() {
        return "{\"epoch\":" + epoch + ",\"digest\":\"" + digestHex + "\"}";
    }
}

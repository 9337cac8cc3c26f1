package dev.sallyport.gateway.format;

/**
 * The gateway's own keys that authenticate the metadata of objects, so that HEAD verifies it without a KMS call. Each has a
 * number, so that they can be rotated: a new object is signed by the current one, an old one verified by its own.
 */
public interface MetadataMac {
    /** Bytes of a MAC. */
    int LENGTH = 32;

    /** The number of the key that signs now. */
    int currentKey();

    /**
     * HMAC-SHA-256 of {@code message} under a key.
     *
     * @return null when there is no key of that number
     */
    byte @org.jspecify.annotations.Nullable [] mac(int key, byte[] message);
}

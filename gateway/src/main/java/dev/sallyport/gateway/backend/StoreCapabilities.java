package dev.sallyport.gateway.backend;

/**
 * What a store does with conditions. A condition that a store ignores would let a write through that must not be, so what it
 * cannot do is refused before it is asked.
 *
 * @param put on PutObject
 * @param complete on CompleteMultipartUpload
 * @param copy on the target of CopyObject
 * @param deleteIfMatch {@code If-Match} on DELETE
 * @param copySourceIfMatch {@code x-amz-copy-source-if-match} on a copy
 */
public record StoreCapabilities(
        OnTarget put, OnTarget complete, OnTarget copy, boolean deleteIfMatch, boolean copySourceIfMatch) {
    /**
     * The conditions on what a write would replace that a store enforces.
     *
     * @param ifNoneMatch {@code If-None-Match: *}
     * @param ifMatch {@code If-Match} with an ETag
     */
    public record OnTarget(boolean ifNoneMatch, boolean ifMatch) {
        public static final OnTarget BOTH = new OnTarget(true, true);
        public static final OnTarget NEITHER = new OnTarget(false, false);

        /** What both of two requests enforce. */
        public OnTarget and(OnTarget other) {
            return new OnTarget(ifNoneMatch && other.ifNoneMatch, ifMatch && other.ifMatch);
        }
    }

    /**
     * On an upload's completion by the gateway, which is the store's Complete, or one PUT when the only part is small: a client
     * is not to depend on which.
     */
    public OnTarget completion() {
        return complete.and(put);
    }
}

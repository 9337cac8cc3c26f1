package dev.sallyport.gateway.object;

import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the source of a copy before it is opened.
 *
 * @param headers of the store's answer
 * @param etag the store's own
 * @param storedSize bytes in the store
 * @param length bytes of plaintext
 * @param object its verified metadata; null for an object that the gateway did not write
 */
record CopyHead(
        HttpHeaders headers,
        String etag,
        long storedSize,
        long length,
        @Nullable StoredObject object) {
    static CopyHead of(StoredObject object) {
        return new CopyHead(object.headers(), object.etag(), object.storedSize(), object.length(), object);
    }

    static CopyHead foreign(HttpHeaders headers, String etag, long size) {
        return new CopyHead(headers, etag, size, size, null);
    }
}

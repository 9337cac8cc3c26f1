package dev.sallyport.gateway.object;

import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.backend.BackendUnavailableException;
import dev.sallyport.gateway.format.MetadataCodec;
import dev.sallyport.gateway.format.ObjectMetadata;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * An object of the gateway's as an answer of the store shows it, its metadata verified.
 *
 * @param metadata verified
 * @param headers of the store's answer
 * @param etag the store's own, as it stands in the header
 * @param storedSize bytes in the store
 * @param bodyOffset offset in the object of the answer's first byte
 * @param bodyLength bytes of the answer's body, by its headers
 * @param length bytes of plaintext
 */
public record StoredObject(
        ObjectMetadata metadata,
        HttpHeaders headers,
        String etag,
        long storedSize,
        long bodyOffset,
        long bodyLength,
        long length) {
    /** The ETag of an empty object: MD5 of nothing. */
    private static final String OF_NOTHING = "\"d41d8cd98f00b204e9800998ecf8427e\"";

    /**
     * From the head of a GET or HEAD that succeeded.
     *
     * @throws dev.sallyport.gateway.format.ForgedObjectException when it is not an object of the gateway's
     * @throws BackendUnavailableException when the store's answer makes no sense
     */
    static StoredObject of(BackendResponse response, MetadataCodec codec, String bucket, String key) {
        HttpHeaders headers = response.headers();
        String etag = headers.get("etag");
        if (etag == null || etag.isEmpty()) {
            if (!"0".equals(headers.get("content-length"))) {
                throw new BackendUnavailableException("the store shows no ETag");
            }
            // S3Proxy keeps a marker such as p/ as a directory, and has none for it
            etag = OF_NOTHING;
        }
        long offset = 0;
        long bodyLength = number(headers.get("content-length"));
        long size = bodyLength;
        if (response.status() == 206) {
            String range = headers.get("content-range");
            int space = range == null ? -1 : range.indexOf(' ');
            int dash = range == null ? -1 : range.indexOf('-');
            int slash = range == null ? -1 : range.indexOf('/');
            if (range == null || !range.startsWith("bytes ") || dash < space || slash < dash) {
                throw new BackendUnavailableException("the store shows no range of a part that it gives");
            }
            offset = number(range.substring(space + 1, dash));
            long last = number(range.substring(dash + 1, slash));
            size = number(range.substring(slash + 1));
            if (last - offset + 1 != bodyLength || last >= size) {
                throw new BackendUnavailableException("the store shows a range that cannot be");
            }
        }
        ObjectMetadata metadata = StoreHeaders.open(headers, codec, bucket, key);
        return new StoredObject(metadata, headers, etag, size, offset, bodyLength, metadata.lengthOf(size));
    }

    /** A length as the store shows it. */
    static long number(@Nullable String text) {
        if (text == null
                || text.isEmpty()
                || text.length() > 18
                || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new BackendUnavailableException("the store shows no length");
        }
        return Long.parseLong(text);
    }
}

package dev.sallyport.gateway.backend;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request to the store, before it is signed.
 *
 * @param bucket the store's name of the bucket; null for the service
 * @param key the object's key, decoded; null for the bucket
 * @param query decoded pairs; a subresource without a value has an empty one
 * @param headers all but {@code Host}, {@code Authorization}, {@code x-amz-date} and {@code x-amz-content-sha256}
 */
public record BackendRequest(
        String method, @Nullable String bucket, @Nullable String key, List<QueryPair> query, HttpHeaders headers) {
    public BackendRequest {
        query = List.copyOf(query);
    }

    /** One pair of a query string, decoded. */
    public record QueryPair(String name, String value) {}
}

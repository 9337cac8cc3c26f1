package dev.sallyport.gateway.s3;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a write says of its object beside the content: header values as sent, each character one byte.
 *
 * @param content by lower-case name, of {@code cache-control}, {@code content-disposition}, {@code content-encoding} (without
 *     {@code aws-chunked}), {@code content-language}, {@code content-type}, {@code expires}; what was not sent is absent
 * @param userMetadata by lower-case name without {@code x-amz-meta-}
 * @param storageClass {@code x-amz-storage-class}; null when not sent
 */
public record ObjectHeaders(
        Map<String, String> content,
        Map<String, String> userMetadata,
        @Nullable String storageClass) {
    public ObjectHeaders {
        content = Collections.unmodifiableMap(new TreeMap<>(content));
        userMetadata = Collections.unmodifiableMap(new TreeMap<>(userMetadata));
    }
}

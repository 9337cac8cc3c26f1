package dev.sallyport.gateway.backend;

/**
 * What a store does with conditions. A condition that a store ignores would let a write through that must not be, so what it
 * cannot do is refused before it is asked.
 *
 * @param putIfNoneMatch {@code If-None-Match: *} on PUT
 * @param putIfMatch {@code If-Match} on PUT
 * @param deleteIfMatch {@code If-Match} on DELETE
 * @param copySourceIfMatch {@code x-amz-copy-source-if-match} on a copy
 */
public record StoreCapabilities(
        boolean putIfNoneMatch, boolean putIfMatch, boolean deleteIfMatch, boolean copySourceIfMatch) {}

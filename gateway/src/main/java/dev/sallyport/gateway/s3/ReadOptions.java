package dev.sallyport.gateway.s3;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How an object is to be read.
 *
 * @param range the {@code Range} header as sent; null for the whole
 * @param ifRange {@code If-Range} as sent: the range is wanted of no other object; null when not sent
 * @param partNumber 1 to 10,000; null for the whole
 * @param conditions of the request
 * @param overrides the answer's headers that {@code response-*} parameters replace, by lower-case name
 * @param checksumMode whether {@code x-amz-checksum-mode: ENABLED} was sent
 */
public record ReadOptions(
        @Nullable String range,
        @Nullable String ifRange,
        @Nullable Integer partNumber,
        ReadConditions conditions,
        Map<String, String> overrides,
        boolean checksumMode) {
    public ReadOptions {
        overrides = Collections.unmodifiableMap(new TreeMap<>(overrides));
    }

    /** The same for the whole object. */
    public ReadOptions withoutRange() {
        return new ReadOptions(null, null, partNumber, conditions, overrides, checksumMode);
    }
}

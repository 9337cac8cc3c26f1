package dev.sallyport.gateway.s3;

import org.jspecify.annotations.Nullable;

/** Conditions of a read, or on a copy's source: header values as sent, null when absent (RFC 9110, section 13.1). */
public record ReadConditions(
        @Nullable String ifMatch,
        @Nullable String ifNoneMatch,
        @Nullable String ifModifiedSince,
        @Nullable String ifUnmodifiedSince) {
    public boolean isEmpty() {
        return ifMatch == null && ifNoneMatch == null && ifModifiedSince == null && ifUnmodifiedSince == null;
    }
}

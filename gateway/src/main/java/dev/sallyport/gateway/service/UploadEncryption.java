package dev.sallyport.gateway.service;

import dev.sallyport.gateway.format.SseFacts;
import org.jspecify.annotations.Nullable;

/** How the objects of uploads in progress will be encrypted: requests on an upload do not say so themselves. */
@FunctionalInterface
public interface UploadEncryption {
    /** Knows no upload. */
    UploadEncryption NONE = (bucket, key, uploadId) -> null;

    /** Null when there is no such upload of this object. */
    @Nullable SseFacts of(String bucket, String key, String uploadId);
}

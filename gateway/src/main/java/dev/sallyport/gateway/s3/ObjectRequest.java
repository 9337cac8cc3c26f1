package dev.sallyport.gateway.s3;

import dev.sallyport.gateway.checksum.ChecksumAlgorithm;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A request on an object; keys are decoded, at most 1,024 bytes of UTF-8, never normalised. */
public sealed interface ObjectRequest extends S3Request {
    String bucket();

    String key();

    record GetObject(String bucket, String key, ReadOptions options) implements ObjectRequest {}

    record HeadObject(String bucket, String key, ReadOptions options) implements ObjectRequest {}

    record PutObject(
            String bucket,
            String key,
            ObjectHeaders headers,
            SseHeaders sse,
            WriteConditions conditions,
            PayloadDigests digests)
            implements ObjectRequest {}

    /** @param ifMatch the client's ETag as sent, or {@code *}; null for none */
    record DeleteObject(String bucket, String key, @Nullable String ifMatch) implements ObjectRequest {}

    /**
     * @param source what is copied
     * @param replaceMetadata whether {@code headers} replace the source's ({@code x-amz-metadata-directive: REPLACE})
     * @param headers of the target; used only when they replace, but for the storage class
     * @param sse of the target
     * @param conditions on the target
     * @param checksum the checksum that the target shall have; null for the source's
     */
    record CopyObject(
            String bucket,
            String key,
            CopySource source,
            boolean replaceMetadata,
            ObjectHeaders headers,
            SseHeaders sse,
            WriteConditions conditions,
            @Nullable ChecksumAlgorithm checksum)
            implements ObjectRequest {}

    /**
     * @param attributes of {@code ETag}, {@code Checksum}, {@code ObjectParts}, {@code StorageClass}, {@code ObjectSize}
     * @param maxParts 0 to 1,000
     * @param partNumberMarker parts after this number
     */
    record GetObjectAttributes(String bucket, String key, Set<String> attributes, int maxParts, int partNumberMarker)
            implements ObjectRequest {
        public GetObjectAttributes {
            attributes = Set.copyOf(attributes);
        }
    }
}

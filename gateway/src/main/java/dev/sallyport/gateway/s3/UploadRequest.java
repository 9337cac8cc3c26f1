package dev.sallyport.gateway.s3;

import dev.sallyport.gateway.checksum.ChecksumAlgorithm;
import org.jspecify.annotations.Nullable;

/** A request of a multipart upload. */
public sealed interface UploadRequest extends S3Request {
    String bucket();

    /**
     * @param checksum the algorithm of the parts' checksums; null for none
     * @param checksumType {@code COMPOSITE} or {@code FULL_OBJECT}; null for the algorithm's default
     */
    record CreateMultipartUpload(
            String bucket,
            String key,
            ObjectHeaders headers,
            SseHeaders sse,
            @Nullable ChecksumAlgorithm checksum,
            @Nullable String checksumType)
            implements UploadRequest {}

    /** @param partNumber 1 to 10,000 */
    record UploadPart(String bucket, String key, String uploadId, int partNumber, PayloadDigests digests)
            implements UploadRequest {}

    /**
     * @param partNumber 1 to 10,000
     * @param range {@code x-amz-copy-source-range} as sent; null for the whole source
     */
    record UploadPartCopy(
            String bucket,
            String key,
            String uploadId,
            int partNumber,
            CopySource source,
            @Nullable String range) implements UploadRequest {}

    /**
     * The list of parts is in the body.
     *
     * @param conditions on the target
     * @param digests the whole object's checksum, if the client sent one
     * @param checksumType {@code COMPOSITE} or {@code FULL_OBJECT}; null when not sent
     * @param objectSize {@code x-amz-mp-object-size}; null when not sent
     */
    record CompleteMultipartUpload(
            String bucket,
            String key,
            String uploadId,
            WriteConditions conditions,
            PayloadDigests digests,
            @Nullable String checksumType,
            @Nullable Long objectSize)
            implements UploadRequest {}

    record AbortMultipartUpload(String bucket, String key, String uploadId) implements UploadRequest {}

    /**
     * @param maxParts 0 to 1,000
     * @param partNumberMarker parts after this number
     */
    record ListParts(String bucket, String key, String uploadId, int maxParts, int partNumberMarker, boolean urlEncoded)
            implements UploadRequest {}

    /** @param maxUploads 0 to 1,000 */
    record ListMultipartUploads(
            String bucket,
            @Nullable String prefix,
            @Nullable String delimiter,
            @Nullable String keyMarker,
            @Nullable String uploadIdMarker,
            int maxUploads,
            boolean urlEncoded)
            implements UploadRequest {}
}

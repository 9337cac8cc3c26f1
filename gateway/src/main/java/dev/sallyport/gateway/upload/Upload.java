package dev.sallyport.gateway.upload;

import dev.sallyport.gateway.checksum.ChecksumAlgorithm;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An upload in progress, or one that has just ended.
 *
 * @param seq its row; later uploads have higher ones
 * @param id the client's upload id
 * @param bucket the gateway's name
 * @param storeId the store's upload id
 * @param principal ARN of who began it
 * @param principalId unique id of who began it
 * @param headers what the store was given with the upload, the gateway's metadata included, by lower-case name
 * @param checksum the algorithm that the client chose; null when it chose none, then CRC64NVME is kept
 * @param composite whether the object's checksum is that of its parts' checksums
 * @param fence counts attempts to complete
 * @param listHash of the list that is being, or was, completed; null before
 * @param result see {@link UploadResult}; null before
 */
record Upload(
        long seq,
        String id,
        String bucket,
        String key,
        String storeId,
        String principal,
        String principalId,
        Instant initiated,
        Map<String, String> headers,
        @Nullable ChecksumAlgorithm checksum,
        boolean composite,
        UploadState state,
        long fence,
        @Nullable String listHash,
        @Nullable String result) {
    Upload {
        headers = Collections.unmodifiableMap(new TreeMap<>(headers));
    }

    /** The algorithm of the checksums that are computed and kept. */
    ChecksumAlgorithm keptChecksum() {
        return checksum == null ? ChecksumAlgorithm.CRC64NVME : checksum;
    }

    /** The name of the object checksum's type on the wire. */
    String checksumType() {
        return composite ? "COMPOSITE" : "FULL_OBJECT";
    }

    String storageClass() {
        return headers.getOrDefault("x-amz-storage-class", "STANDARD");
    }
}

package dev.sallyport.gateway.object;

import dev.sallyport.gateway.s3.ReadConditions;
import dev.sallyport.gateway.s3.S3Errors;
import dev.sallyport.gateway.s3.S3Exception;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The conditions on a copy's source; see {@link Conditions}.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html">CopyObject</a>
 */
final class CopyConditions {
    private static final String PREFIX = "x-amz-copy-source-";

    private CopyConditions() {}

    /**
     * @param storeEtag as the store shows it
     * @param lastModified the store's header; null when it shows none
     * @throws S3Exception {@code PreconditionFailed}
     */
    static void check(ReadConditions conditions, String storeEtag, @Nullable String lastModified, Instant now) {
        String failed = Conditions.failed(conditions, storeEtag, lastModified, now);
        if (failed != null) {
            throw S3Errors.preconditionFailed(PREFIX + failed);
        }
    }
}

package dev.sallyport.gateway.bucket;

import dev.sallyport.gateway.operation.S3Call;
import java.util.List;

/** Finds the sizes of a page's objects as clients know them. */
@FunctionalInterface
interface PlainSizes {
    /** In the order of {@code entries}. */
    long[] of(S3Call call, String bucket, List<StoreListing.Entry> entries);
}

package dev.sallyport.gateway.config;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Multipart uploads in progress.
 *
 * @param directory of their tables
 * @param stagingBucket the store's bucket that holds small last parts; no client can see it
 * @param stagingQuota bytes that may wait there
 * @param abandonedAfter when an upload that nobody touches is aborted
 */
public record UploadsConfig(Path directory, String stagingBucket, long stagingQuota, Duration abandonedAfter) {
    public UploadsConfig {
        if (!stagingBucket.matches("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")) {
            throw new IllegalArgumentException("stagingBucket is no bucket name");
        }
        if (stagingQuota < 16L << 20) {
            throw new IllegalArgumentException("stagingQuota under 16MiB holds no three small parts");
        }
        if (abandonedAfter.compareTo(Duration.ofHours(1)) < 0) {
            throw new IllegalArgumentException("abandonedAfter under 1h would end uploads under way");
        }
    }
}

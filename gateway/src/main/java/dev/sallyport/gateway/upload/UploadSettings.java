package dev.sallyport.gateway.upload;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Settings of uploads in progress.
 *
 * @param database the file of their tables; made when it is not there
 * @param stagingBucket the store's name of the bucket where small last parts wait; no client may reach it
 * @param stagingQuota bytes of plaintext that may wait there
 * @param maxAge after which an upload is aborted
 * @param sweepEvery pause between two rounds of the sweeper
 */
public record UploadSettings(
        Path database, String stagingBucket, long stagingQuota, Duration maxAge, Duration sweepEvery) {
    public UploadSettings {
        if (stagingQuota <= 0 || !maxAge.isPositive() || !sweepEvery.isPositive()) {
            throw new IllegalArgumentException("settings of uploads must be positive");
        }
    }
}

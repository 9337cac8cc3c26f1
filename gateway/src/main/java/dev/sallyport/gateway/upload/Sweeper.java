package dev.sallyport.gateway.upload;

import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.backend.BackendUnavailableException;
import dev.sallyport.gateway.s3.S3Exception;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes what uploads have left behind: of aborted and old ones everything, of completed ones what waited for the last part
 * and, after a day, their results; and staged objects that no table knows. It never touches a completed object.
 */
final class Sweeper {
    private static final Logger LOG = LoggerFactory.getLogger(Sweeper.class);
    private static final int BATCH = 500;

    /** How long a result answers retries. */
    static final Duration RESULT_KEPT = Duration.ofDays(1);

    /** A staged object is in the tables soon after it was written. */
    private static final Duration ORPHAN = Duration.ofHours(1);

    private final Uploads uploads;
    private final Running running;
    private final Duration maxAge;

    /** @param maxAge how long an upload may take from its begin or last attempt to complete */
    Sweeper(Uploads uploads, Running running, Duration maxAge) {
        this.uploads = uploads;
        this.running = running;
        this.maxAge = maxAge;
    }

    /** One round; what fails is left to the next. */
    void sweep(EventLoop loop) {
        try {
            Instant now = uploads.now();
            each(UploadState.OPEN, now.minus(maxAge), upload -> expire(upload, now));
            each(UploadState.COMPLETING, now.minus(maxAge), upload -> settle(loop, upload, now));
            each(UploadState.ABORTED, now, upload -> {
                if (!running.isRunning(upload.id())) {
                    AbortMultipartUpload.clean(loop, uploads, upload);
                }
            });
            each(UploadState.DONE, now, upload -> {
                if (!running.isRunning(upload.id())) {
                    uploads.discardParts(loop, upload);
                }
            });
            each(UploadState.DONE, now.minus(RESULT_KEPT), uploads.tables::remove);
            orphans(loop, now.minus(ORPHAN));
        } catch (BackendUnavailableException e) {
            LOG.info("the sweep of uploads ends early: {}", e.getMessage());
        }
    }

    /** What goes wrong with one upload keeps the sweeper from no other. */
    private static void attempt(Upload upload, java.util.function.Consumer<Upload> action) {
        try {
            action.accept(upload);
        } catch (BackendUnavailableException e) {
            throw e;
        } catch (S3Exception e) {
            // Its bucket has no name here any more.
            LOG.warn("upload {} cannot be swept: {}", upload.id(), e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("upload {} cannot be swept", upload.id(), e);
        }
    }

    private void expire(Upload upload, Instant now) {
        if (!running.isRunning(upload.id())) {
            uploads.tables.abort(upload, now);
        }
    }

    /** An upload whose completion has an unknown outcome: given up only when the store says that it has no such object. */
    private void settle(EventLoop loop, Upload upload, Instant now) {
        if (running.isRunning(upload.id())) {
            return;
        }
        try (BackendResponse head = uploads.store.head(loop, upload.bucket(), upload.key())) {
            if (head.status() == 200 && uploads.isFrom(upload, head.headers())) {
                uploads.tables.end(upload, upload.fence(), now);
            } else if (head.status() == 200 || head.status() == 404) {
                uploads.tables.abort(upload, now);
            }
        }
    }

    private void each(UploadState state, Instant since, java.util.function.Consumer<Upload> action) {
        long after = -1;
        while (true) {
            List<Upload> batch = uploads.tables.unchangedSince(state, since, after, BATCH);
            for (Upload upload : batch) {
                attempt(upload, action);
                after = upload.seq();
            }
            if (batch.size() < BATCH) {
                return;
            }
        }
    }

    private void orphans(EventLoop loop, Instant before) {
        String token = null;
        do {
            StagingArea.Page page = uploads.staging.list(loop, token);
            for (StagingArea.Staged staged : page.objects()) {
                if (staged.modified().isBefore(before) && !uploads.tables.isStaged(staged.key())) {
                    uploads.staging.delete(loop, staged.key());
                }
            }
            token = page.next();
        } while (token != null);
    }
}

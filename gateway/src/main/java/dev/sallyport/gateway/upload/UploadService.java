package dev.sallyport.gateway.upload;

import dev.sallyport.gateway.backend.Backend;
import dev.sallyport.gateway.backend.StoreCapabilities;
import dev.sallyport.gateway.bucket.Account;
import dev.sallyport.gateway.bucket.BucketNames;
import dev.sallyport.gateway.format.ForgedObjectException;
import dev.sallyport.gateway.format.MetadataCodec;
import dev.sallyport.gateway.format.SseFacts;
import dev.sallyport.gateway.object.CopySources;
import dev.sallyport.gateway.object.ObjectKeyring;
import dev.sallyport.gateway.operation.S3Operation;
import dev.sallyport.gateway.s3.UploadRequest;
import dev.sallyport.gateway.sse.EncryptionPlanner;
import dev.sallyport.kms.Kms;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The operations of multipart uploads, and what works behind them: tables, staging bucket, sweeper. */
public final class UploadService implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UploadService.class);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final UploadTables tables;
    private final Uploads uploads;
    private final Running running = new Running(PATIENCE);
    private final ObjectKeyring keyring;
    private final EncryptionPlanner planner;
    private final CopySources sources;
    private final Kms kms;
    private final Account account;
    private final Supplier<StoreCapabilities> capabilities;
    private final Sweeper sweeper;
    private final Duration sweepEvery;
    private final Thread thread;

    /**
     * Opens the tables.
     *
     * @param names with the staging bucket among the reserved ones
     * @param capabilities of the store; asked for conditional requests only
     * @param sweepLoop the loop of the sweeper's own requests
     */
    public UploadService(
            UploadSettings settings,
            Backend backend,
            BucketNames names,
            ObjectKeyring keyring,
            EncryptionPlanner planner,
            MetadataCodec codec,
            CopySources sources,
            Kms kms,
            Account account,
            Supplier<StoreCapabilities> capabilities,
            EventLoop sweepLoop,
            InstantSource clock) {
        tables = UploadTables.open(settings.database());
        StagingArea staging =
                new StagingArea(backend, settings.stagingBucket(), settings.stagingQuota(), tables.stagedBytes());
        uploads = new Uploads(tables, new UploadStore(backend, names), staging, keyring, codec, clock);
        this.keyring = keyring;
        this.planner = planner;
        this.sources = sources;
        this.kms = kms;
        this.account = account;
        this.capabilities = capabilities;
        sweeper = new Sweeper(uploads, running, settings.maxAge());
        sweepEvery = settings.sweepEvery();
        thread = Thread.ofPlatform().name("uploads-sweeper").daemon().unstarted(() -> sweepForEver(sweepLoop));
    }

    /** Starts the sweeper. */
    public void start() {
        thread.start();
    }

    /** One round of the sweeper, now. */
    void sweep(EventLoop loop) {
        sweeper.sweep(loop);
    }

    /** How an upload's object will be encrypted; null when there is no such upload, or its row is not as it was left. */
    public @Nullable SseFacts encryption(String bucket, String key, String uploadId) {
        Upload upload = tables.find(bucket, key, uploadId);
        try {
            return upload == null ? null : uploads.metadata(upload).sse();
        } catch (ForgedObjectException e) {
            return null;
        }
    }

    public S3Operation<UploadRequest.CreateMultipartUpload> createMultipartUpload() {
        return new CreateMultipartUpload(uploads, keyring, planner, kms);
    }

    public S3Operation<UploadRequest.UploadPart> uploadPart() {
        return new UploadPart(uploads, new PartWriter(uploads));
    }

    public S3Operation<UploadRequest.UploadPartCopy> uploadPartCopy() {
        return new UploadPartCopy(uploads, new PartWriter(uploads), sources);
    }

    public S3Operation<UploadRequest.CompleteMultipartUpload> completeMultipartUpload() {
        return new CompleteMultipartUpload(uploads, running, capabilities);
    }

    public S3Operation<UploadRequest.AbortMultipartUpload> abortMultipartUpload() {
        return new AbortMultipartUpload(uploads, running);
    }

    public S3Operation<UploadRequest.ListParts> listParts() {
        return new ListParts(uploads, account);
    }

    public S3Operation<UploadRequest.ListMultipartUploads> listMultipartUploads() {
        return new ListMultipartUploads(uploads, account);
    }

    private void sweepForEver(EventLoop loop) {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                Thread.sleep(sweepEvery);
                sweepOnce(loop);
            }
        } catch (InterruptedException e) {
            // Closed.
            Thread.currentThread().interrupt();
        }
    }

    /** Whatever happens in a round, the next one comes. */
    private void sweepOnce(EventLoop loop) {
        try {
            sweeper.sweep(loop);
        } catch (RuntimeException e) {
            LOG.error("a sweep of uploads failed", e);
        }
    }

    @Override
    public void close() {
        thread.interrupt();
        tables.close();
    }
}

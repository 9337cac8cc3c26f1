package dev.sallyport.volume.keys;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the KMS again and again whether an attached volume's key may still be used, and applies the volume's policy. */
public final class RevocationWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RevocationWatch.class);

    private final Supplier<KeyStatus> check;
    private final RevocationPolicy policy;
    private final Target target;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("key-recheck").daemon().factory());
    private KeyStatus last = new KeyStatus.Usable();
    private @Nullable ScheduledFuture<?> stopping;

    /** What a policy acts upon. Called on the watch's thread. */
    public interface Target {
        /** Refuses writes, or accepts them again. */
        void setWritesRefused(boolean refused);

        /** Ends the attachment; must not wait for the watch's own thread. */
        void stop(String reason);
    }

    /** @param every how often; the first time after that time */
    public RevocationWatch(Supplier<KeyStatus> check, Duration every, RevocationPolicy policy, Target target) {
        this.check = check;
        this.policy = policy;
        this.target = target;
        timer.scheduleWithFixedDelay(this::run, every.toNanos(), every.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** A timer drops a task that throws, so that a defect in one check would end them all: it counts as an outage. */
    private void run() {
        try {
            apply(check.get());
        } catch (RuntimeException e) {
            LOG.error("the check of the volume's key failed", e);
        }
    }

    private void apply(KeyStatus status) {
        if (!status.equals(last)) {
            report(status);
        }
        switch (status) {
            case KeyStatus.Revoked revoked -> revoked(revoked.reason());
            case KeyStatus.Usable usable -> restored();
            case KeyStatus.Unknown unknown -> {
                // an outage changes nothing: neither does it revoke, nor does it undo a revocation
            }
        }
        last = status;
    }

    private void revoked(String reason) {
        switch (policy) {
            case RevocationPolicy.Continue none -> {}
            case RevocationPolicy.ReadOnly readOnly -> target.setWritesRefused(true);
            case RevocationPolicy.StopAfter after -> {
                if (stopping == null) {
                    stopping = timer.schedule(
                            () -> target.stop(reason), after.delay().toNanos(), TimeUnit.NANOSECONDS);
                }
            }
        }
    }

    private void restored() {
        if (policy instanceof RevocationPolicy.ReadOnly) {
            target.setWritesRefused(false);
        }
        if (stopping != null) {
            stopping.cancel(false);
            stopping = null;
        }
    }

    private static void report(KeyStatus status) {
        switch (status) {
            case KeyStatus.Usable usable -> LOG.info("the volume's key may be used again");
            case KeyStatus.Revoked revoked -> LOG.warn("the volume's key was revoked: {}", revoked.reason());
            case KeyStatus.Unknown unknown ->
                LOG.warn("the KMS cannot say whether the volume's key may be used: {}", unknown.reason());
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}

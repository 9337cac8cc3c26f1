package dev.sallyport.kms.service;

import dev.sallyport.kms.store.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what is due: rotates enabled keys whose period is over, and destroys keys whose waiting time is over, with their
 * material and aliases. A key that was disabled when its rotation fell due is rotated once it is enabled again. Each key is
 * its own transaction and leaves its own audit event, {@code RotateKey} or {@code DeleteKey}, also when the process ends
 * between the two: what is still to be written comes first in the next run.
 */
public final class KmsMaintenance {
    private static final Logger LOG = LoggerFactory.getLogger(KmsMaintenance.class);
    private static final int BATCH = 100;

    private final KeyStore store;
    private final KeyMaterials materials;
    private final ServiceEvents events;
    private final InstantSource clock;

    KmsMaintenance(KeyStore store, KeyMaterials materials, ServiceEvents events, InstantSource clock) {
        this.store = store;
        this.materials = materials;
        this.events = events;
        this.clock = clock;
    }

    /** Runs {@link #runDue} now and then every {@code interval}, on a thread of its own, until the result is closed. */
    public AutoCloseable schedule(Duration interval) {
        CountDownLatch stop = new CountDownLatch(1);
        Thread thread = Thread.ofPlatform().daemon().name("kms-maintenance").start(() -> {
            try {
                do {
                    runLogged();
                } while (!stop.await(interval.toMillis(), TimeUnit.MILLISECONDS));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        return () -> {
            stop.countDown();
            thread.join(Duration.ofSeconds(30));
        };
    }

    private void runLogged() {
        try {
            runDue();
        } catch (RuntimeException e) {
            // the next round tries again
            LOG.error("Rotation or deletion of due keys failed", e);
        }
    }

    /** Does all that is due, in batches; returns the number of keys changed. */
    public int runDue() {
        int done = 0;
        int late = events.publishAll();
        if (late > 0) {
            LOG.info("Wrote {} audit events of an earlier run", late);
        }
        while (true) {
            Instant now = Times.now(clock);
            List<KeyRecord> due = store.read(rows -> KeyRows.due(rows, now, BATCH));
            int changed = 0;
            for (KeyRecord key : due) {
                try {
                    if (maintain(key, now)) {
                        changed++;
                    }
                } catch (RuntimeException e) {
                    // one key's trouble keeps no other from its turn; the next round tries again
                    LOG.error("Rotation or deletion of {} failed", key.arn(), e);
                }
            }
            done += changed;
            if (changed == 0) {
                return done;
            }
        }
    }

    private boolean maintain(KeyRecord seen, Instant now) {
        Optional<Change> change = store.write(rows -> {
            // as it is in this transaction: it may have been changed since it was listed
            Optional<KeyRecord> current = KeyRows.key(rows, seen.accountId(), seen.region(), seen.keyId());
            if (current.isEmpty()) {
                return Optional.empty();
            }
            KeyRecord key = current.get();
            Instant due = key.dueDate();
            if (due == null || due.isAfter(now)) {
                return Optional.empty();
            }
            boolean deleted = key.state() == KeyState.PENDING_DELETION;
            if (deleted) {
                KeyRows.delete(rows, key);
            } else {
                MaterialRecord material = new MaterialRecord(KeyMaterials.newId(), now, RotationType.AUTOMATIC);
                materials.create(rows, key, material.id());
                KeyRows.put(
                        rows,
                        key.rotated(
                                material,
                                KeyRecord.Rotation.from(now, key.rotation().periodInDays()),
                                key.onDemandRotations()));
            }
            return Optional.of(
                    new Change(key, deleted, ServiceEvents.put(rows, key, deleted ? "DeleteKey" : "RotateKey", now)));
        });
        change.ifPresent(done -> {
            if (done.deleted) {
                materials.drop(done.key);
            }
            LOG.info("{} {}", done.deleted ? "Deleted" : "Rotated", done.key.arn());
            events.publish(done.eventId);
        });
        return change.isPresent();
    }

    private record Change(KeyRecord key, boolean deleted, String eventId) {}
}

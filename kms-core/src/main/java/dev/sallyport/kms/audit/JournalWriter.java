package dev.sallyport.kms.audit;

import dev.sallyport.kms.AuditReceipt;
import dev.sallyport.kms.KmsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that writes. It takes whatever has queued up meanwhile as one batch, writes it, syncs once, and only then
 * completes the receipts: the slower the disk, the larger the batches (group commit).
 *
 * <pre>
 *            write fails            probe succeeds
 *   OPEN ───────────────▶ DISK_FULL ───────────────▶ OPEN
 *    │ fsync fails            │ fsync fails
 *    └──────▶ LATCHED ◀───────┘            close() from any ▶ CLOSED
 * </pre>
 *
 * A failed write is undone by truncation. After a failed fsync the kernel may have dropped the pages and report success the
 * next time, so nothing more is promised.
 */
final class JournalWriter implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(JournalWriter.class);
    private static final int QUEUE = 4_096;
    private static final int BATCH_BYTES = 1 << 20;
    private static final int PROBE_BYTES = 1 << 16;
    private static final long POLL_MILLIS = 1_000;
    /** The kind of what is queued only to end a wait. */
    private static final byte WAKE = 0;

    private final BlockingQueue<Pending> queue = new ArrayBlockingQueue<>(QUEUE);
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BATCH_BYTES);
    private final JournalOptions options;
    private final SegmentSet segments;
    private volatile JournalState state = JournalState.OPEN;
    private volatile boolean closing;
    private long lastProbe;

    JournalWriter(SegmentSet segments, JournalOptions options) {
        this.segments = segments;
        this.options = options;
    }

    JournalState state() {
        return state;
    }

    /** What waits to be written, and who waits for it. */
    static final class Pending implements AuditReceipt {
        final byte kind;
        final long timeMillis;
        final byte[] payload;
        final List<String> tokens;
        final @Nullable StoreDigest digest;
        private final CompletableFuture<Void> done = new CompletableFuture<>();

        Pending(byte kind, long timeMillis, byte[] payload, List<String> tokens, @Nullable StoreDigest digest) {
            this.kind = kind;
            this.timeMillis = timeMillis;
            this.payload = payload;
            this.tokens = tokens;
            this.digest = digest;
        }

        private void refuse() {
            done.completeExceptionally(refusal());
        }

        @Override
        public void await() {
            try {
                done.join();
            } catch (CompletionException e) {
                throw refusal();
            }
        }
    }

    private static KmsException refusal() {
        return new KmsException(KmsException.Code.INTERNAL, "The audit journal takes no events.");
    }

    /** Queues a record; blocks while the queue is full. */
    AuditReceipt submit(Pending pending) {
        try {
            do {
                if (state != JournalState.OPEN || closing) {
                    throw refusal();
                }
            } while (!queue.offer(pending, 100, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw refusal();
        }
        if (state == JournalState.CLOSED) {
            // the writer may have gone before it could see this one; a receipt that is complete already stays so
            pending.refuse();
        }
        return pending;
    }

    /** Writes what is queued, and ends. */
    void close(Thread thread) {
        closing = true;
        // ends the writer's wait; when the queue is full it does not wait
        var _ = queue.offer(new Pending(WAKE, 0, new byte[0], List.of(), null));
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void run() {
        try {
            while (!closing || !queue.isEmpty()) {
                step();
            }
        } catch (InterruptedException e) {
            LOG.error("audit journal: the writer was interrupted");
        } catch (RuntimeException | Error e) {
            LOG.error("audit journal: the writer failed; no more events are taken until a restart", e);
        } finally {
            state = JournalState.CLOSED;
            List<Pending> rest = new ArrayList<>();
            queue.drainTo(rest);
            rest.forEach(Pending::refuse);
            segments.close();
        }
    }

    private void step() throws InterruptedException {
        long wait = state == JournalState.DISK_FULL ? options.probeInterval().toMillis() : POLL_MILLIS;
        Pending first = queue.poll(Math.clamp(wait, 1, POLL_MILLIS), TimeUnit.MILLISECONDS);
        if (first != null && first.kind == WAKE) {
            return;
        }
        switch (state) {
            case OPEN -> {
                if (first != null) {
                    writeBatch(first);
                }
                if (state == JournalState.OPEN) {
                    maintain();
                }
            }
            case DISK_FULL -> {
                if (first != null) {
                    first.refuse();
                }
                probe();
            }
            case LATCHED, CLOSED -> {
                if (first != null) {
                    first.refuse();
                }
            }
        }
    }

    private void writeBatch(Pending first) {
        List<Pending> batch = new ArrayList<>();
        SegmentSet.Batch records = segments.begin(buffer.clear());
        Pending next = first;
        while (next != null) {
            if (next.kind != WAKE) {
                records.add(next);
                batch.add(next);
            }
            Pending peeked = queue.peek();
            // only this thread takes from the queue
            next = peeked != null && records.hasRoom(peeked) ? queue.poll() : null;
        }
        try {
            segments.write(buffer.flip());
        } catch (IOException e) {
            state = JournalState.DISK_FULL;
            lastProbe = System.nanoTime();
            LOG.error("audit journal: cannot write; KMS requests are refused until there is space: {}", e.toString());
            batch.forEach(Pending::refuse);
            return;
        }
        try {
            segments.sync();
        } catch (IOException e) {
            latch(e);
            batch.forEach(Pending::refuse);
            return;
        }
        records.commit();
        batch.forEach(pending -> pending.done.complete(null));
    }

    private void latch(IOException e) {
        state = JournalState.LATCHED;
        LOG.error("audit journal: fsync failed; KMS requests are refused until a restart: {}", e.toString());
    }

    private void maintain() {
        try {
            segments.rollIfDue();
            segments.reserve();
        } catch (SegmentSet.SyncFailedException e) {
            latch(e);
        } catch (IOException e) {
            LOG.warn("audit journal: cannot begin a segment, the old one goes on: {}", e.toString());
        }
    }

    private void probe() {
        if (System.nanoTime() - lastProbe < options.probeInterval().toNanos()) {
            return;
        }
        lastProbe = System.nanoTime();
        try {
            segments.probe(PROBE_BYTES);
            state = JournalState.OPEN;
            LOG.warn("audit journal: there is space again; events are taken");
        } catch (IOException e) {
            LOG.debug("audit journal: still no space: {}", e.toString());
        }
    }
}

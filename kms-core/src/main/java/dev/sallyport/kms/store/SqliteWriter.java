package dev.sallyport.kms.store;

import dev.sallyport.kms.store.StoreException.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that writes a key store. Writes that wait together become one transaction with one fsync (group commit);
 * each runs in a savepoint of its own, so that one which throws undoes itself alone. A platform thread, since SQLite's native
 * code and its fsync would pin the carrier of a virtual one.
 */
final class SqliteWriter implements AutoCloseable {
    private static final int QUEUE = 10_000;
    private static final int BATCH = 256;

    private final StoreFiles files;
    private final SqliteDatabase database;
    private final RowSealer sealer;
    private final Listener listener;
    private final BlockingQueue<Task<?>> queue = new LinkedBlockingQueue<>(QUEUE);
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Thread thread;

    private StoreState state;
    private boolean uncertain;
    private volatile boolean latched;

    /** Told of every commit, before any caller is. */
    interface Listener {
        void committed(StoreState state, Map<String, Long> changedKinds);
    }

    SqliteWriter(StoreFiles files, SqliteDatabase database, RowSealer sealer, StoreState state, Listener listener) {
        this.files = files;
        this.database = database;
        this.sealer = sealer;
        this.state = state;
        this.listener = listener;
        thread = Thread.ofPlatform().name("keystore-writer").daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    <T> T write(Function<RowWriter, T> action) {
        return submit(writer -> action.apply(writer));
    }

    <T> T submit(Function<SqlRowWriter, T> action) {
        if (Thread.currentThread() == thread) {
            throw new IllegalStateException("a write of the key store inside another");
        }
        Task<T> task = new Task<>(action);
        if (latched) {
            throw new StoreException(Reason.LATCHED, SqliteErrors.latchedMessage(files));
        }
        if (!closed.get() && !queue.offer(task)) {
            throw new StoreException(Reason.IO, "key store " + files.directory() + ": too many writes are waiting");
        }
        if (closed.get()) {
            task.outcome.completeExceptionally(closedException());
        }
        return Outcomes.await(task.outcome);
    }

    private void run() {
        List<Task<?>> batch = new ArrayList<>();
        while (true) {
            batch.clear();
            try {
                Task<?> first = queue.poll(1, TimeUnit.SECONDS);
                if (first == null) {
                    if (closed.get()) {
                        return;
                    }
                    continue;
                }
                batch.add(first);
                queue.drainTo(batch, BATCH - 1);
                if (first.isStop()) {
                    batch.forEach(task -> task.outcome.completeExceptionally(closedException()));
                    return;
                }
            } catch (InterruptedException e) {
                continue; // nobody but close() ends this thread, and it does not interrupt
            }
            try {
                commit(batch);
            } catch (Throwable e) {
                uncertain = true;
                StoreException failure = e instanceof StoreException store ? store : SqliteErrors.translate(files, e);
                latched |= failure.reason() == Reason.LATCHED;
                batch.forEach(task -> task.outcome.completeExceptionally(failure));
            }
        }
    }

    private void commit(List<Task<?>> batch) {
        if (latched) {
            throw new StoreException(Reason.LATCHED, SqliteErrors.latchedMessage(files));
        }
        StoreState next;
        Map<String, Long> changed = new HashMap<>();
        try (Handle handle = database.writer().open()) {
            handle.begin();
            try {
                if (uncertain) {
                    state = StoreState.open(
                            sealer,
                            new SqlRowReader(handle, sealer).sealedState().orElseThrow());
                    uncertain = false;
                }
                next = state;
                for (Task<?> task : batch) {
                    next = task.run(handle, sealer, next, changed);
                }
                if (next != state) {
                    SqlRowWriter.putState(handle, next.seal(sealer));
                }
                handle.commit();
            } catch (Throwable e) {
                rollBack(handle, e);
                throw e;
            }
        }
        if (next != state) {
            state = next;
            listener.committed(next, changed);
        }
        batch.forEach(Task::complete);
    }

    private static void rollBack(Handle handle, Throwable cause) {
        try {
            handle.rollback();
        } catch (RuntimeException e) {
            // SQLite has rolled back by itself after a full disk or an I/O error
            cause.addSuppressed(e);
        }
    }

    private StoreException closedException() {
        return new StoreException(Reason.CLOSED, "key store " + files.directory() + " is closed");
    }

    /** Finishes what was accepted, then ends the thread. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            queue.add(Task.stop());
            boolean interrupted = false;
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            List<Task<?>> rest = new ArrayList<>();
            queue.drainTo(rest);
            rest.forEach(task -> task.outcome.completeExceptionally(closedException()));
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** One write, with whoever waits for it. */
    private static final class Task<T> {
        private final @Nullable Function<SqlRowWriter, T> action;
        private final CompletableFuture<T> outcome = new CompletableFuture<>();
        private @Nullable T result;
        private @Nullable Throwable failure;

        Task(@Nullable Function<SqlRowWriter, T> action) {
            this.action = action;
        }

        static Task<Void> stop() {
            return new Task<>(null);
        }

        boolean isStop() {
            return action == null;
        }

        /** The state after this write; {@code before} itself when it changed nothing or undid itself. */
        StoreState run(Handle handle, RowSealer sealer, StoreState before, Map<String, Long> changed) {
            if (action == null) {
                return before;
            }
            StoreState after = before.copy();
            SqlRowWriter writer = new SqlRowWriter(handle, sealer, after);
            handle.savepoint("one_write");
            try {
                result = action.apply(writer);
            } catch (Throwable e) {
                if (SqliteErrors.find(e) != null) {
                    throw e; // the database's own failure ends the whole batch
                }
                failure = e;
                handle.rollbackToSavepoint("one_write");
                return before;
            }
            handle.releaseSavepoint("one_write");
            if (writer.changedKinds().isEmpty()) {
                return before;
            }
            after.nextEpoch();
            writer.changedKinds().forEach(kind -> changed.put(kind, after.epoch()));
            return after;
        }

        @SuppressWarnings("NullAway") // T may itself be a nullable type: what the action returned is handed on
        void complete() {
            if (failure != null) {
                outcome.completeExceptionally(failure);
            } else {
                outcome.complete(result);
            }
        }
    }

    /** Waiting that an interrupt does not end, since the outcome of a write must be known. */
    static final class Outcomes {
        private Outcomes() {}

        static <T> T await(CompletableFuture<T> outcome) {
            try {
                return outcome.join();
            } catch (CompletionException e) {
                Throwable cause = e.getCause();
                if (cause instanceof RuntimeException runtime) {
                    throw runtime;
                }
                if (cause instanceof Error error) {
                    throw error;
                }
                throw e;
            }
        }
    }
}

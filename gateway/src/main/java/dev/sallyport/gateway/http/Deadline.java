package dev.sallyport.gateway.http;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One resettable alarm of a connection, on its event loop. Moving it further away costs two field writes: the scheduled task
 * finds out when it runs, and schedules itself again.
 */
final class Deadline {
    private final EventLoop loop;
    private long due;
    private @Nullable Runnable action;
    private @Nullable ScheduledFuture<?> task;
    private long taskDue;

    Deadline(EventLoop loop) {
        this.loop = loop;
    }

    /** Replaces whatever was set. */
    void set(Duration in, Runnable onExpiry) {
        due = System.nanoTime() + in.toNanos();
        action = onExpiry;
        if (task == null || due - taskDue < 0) {
            schedule();
        }
    }

    void clear() {
        action = null;
    }

    void close() {
        action = null;
        if (task != null) {
            task.cancel(false);
            task = null;
        }
    }

    private void schedule() {
        if (task != null) {
            task.cancel(false);
        }
        taskDue = due;
        task = loop.schedule(this::expire, due - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    private void expire() {
        task = null;
        Runnable now = action;
        if (now == null) {
            return;
        }
        if (System.nanoTime() - due < 0) {
            schedule();
            return;
        }
        action = null;
        now.run();
    }
}

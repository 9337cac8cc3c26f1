package dev.sallyport.gateway.upload;

import dev.sallyport.gateway.s3.S3Exception;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Lets one request at a time end an upload: a client's retry waits for the attempt that still runs. */
final class Running {
    private static final long PAUSE_MILLIS = 50;

    private final Set<String> ids = ConcurrentHashMap.newKeySet();
    private final Duration patience;

    /** @param patience how long a request waits for its turn */
    Running(Duration patience) {
        this.patience = patience;
    }

    /** One request's turn; the next begins when it is closed. */
    interface Turn extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Waits for the turn.
     *
     * @throws S3Exception {@code SlowDown} when it does not come
     */
    Turn enter(String uploadId) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!ids.add(uploadId)) {
            if (System.nanoTime() - deadline > 0) {
                throw new S3Exception(503, "SlowDown", "Please reduce your request rate.");
            }
            try {
                Thread.sleep(PAUSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new S3Exception(503, "SlowDown", "Please reduce your request rate.");
            }
        }
        return () -> ids.remove(uploadId);
    }

    /** Whether a request is ending the upload now. */
    boolean isRunning(String uploadId) {
        return ids.contains(uploadId);
    }
}

package dev.sallyport.gateway;

import dev.sallyport.gateway.http.BodyTooLargeException;
import dev.sallyport.gateway.http.Exchange;
import java.util.concurrent.Semaphore;

/**
 * Bounds the memory of bodies that are read whole before their signature can be verified: anybody who knows the id of an
 * access key can send one.
 */
final class BodyMemory {
    /** What all such bodies may take together: a sixteenth of the heap, as KiB. */
    private static final int ALL =
            (int) Math.clamp(Runtime.getRuntime().maxMemory() / 16 / 1024, 4L * 1024, 64L * 1024);

    private final Semaphore free;

    BodyMemory() {
        this(ALL);
    }

    /** @param kib for all bodies together */
    BodyMemory(int kib) {
        free = new Semaphore(kib);
    }

    /** Room for one body. */
    interface Room extends AutoCloseable {
        @Override
        void close();
    }

    /** There is no room now. */
    static final class FullException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        FullException() {
            super("too many bodies wait for their verification", null, false, false);
        }
    }

    /**
     * Sets room aside for a request's body.
     *
     * @param limit the longest that is taken, in bytes
     * @throws FullException when there is none
     * @throws BodyTooLargeException when the request says that it is longer
     */
    Room reserve(Exchange exchange, int limit) {
        long declared = exchange.contentLength();
        if (declared > limit) {
            throw new BodyTooLargeException(limit);
        }
        // Twice, since an array that is outgrown is copied into a longer one.
        int kib = Math.toIntExact(2 * (declared < 0 ? limit : declared) / 1024);
        if (!free.tryAcquire(kib)) {
            throw new FullException();
        }
        return () -> free.release(kib);
    }
}

package dev.sallyport.gateway.backend;

import dev.sallyport.gateway.flow.ByteSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Blocks a virtual thread on what the event loop completes; its time-outs see to it that it does. */
final class Waiting {
    private Waiting() {}

    static <T> T await(CompletableFuture<T> future, ByteSource cancelled) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof BackendUnavailableException unavailable) {
                throw unavailable;
            }
            throw new IllegalStateException("a failure of the store's client", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            cancelled.cancel();
            throw new BackendUnavailableException("interrupted while waiting for the store");
        }
    }
}

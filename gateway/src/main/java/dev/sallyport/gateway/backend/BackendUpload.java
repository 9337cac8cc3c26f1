package dev.sallyport.gateway.backend;

import dev.sallyport.gateway.flow.ByteSink;
import java.util.concurrent.CompletableFuture;

/** A request to the store whose body is on its way. */
public interface BackendUpload {
    /** Where the body goes; a failed or short body closes the connection, so that the store keeps what it had. */
    ByteSink body();

    /**
     * The answer, which may come before the body is through (an early error): then the sink swallows what is still written.
     * Completes exceptionally with {@link BackendUnavailableException}.
     */
    CompletableFuture<BackendResponse> response();
}

package dev.sallyport.gateway.object;

import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.backend.BackendUpload;
import dev.sallyport.gateway.operation.S3Call;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Sends a request's body through a sealing sink to the store, and waits for what comes of it. */
public final class StreamedBody {
    private StreamedBody() {}

    /**
     * Blocks until the store has answered, early or after the whole body.
     *
     * @throws dev.sallyport.gateway.s3.S3Exception what was wrong with the body: the store then has kept what it had
     * @throws dev.sallyport.gateway.backend.BackendUnavailableException when the store is at fault
     */
    public static BackendResponse send(S3Call call, SealingSink sink, BackendUpload upload) {
        call.exchange().body().start(call.verified().bodyVerifier().apply(sink));
        CompletableFuture<Void> settled = new CompletableFuture<>();
        var _ = sink.outcome().whenComplete((nothing, failure) -> settle(settled, failure));
        var _ = upload.response().whenComplete((response, failure) -> settle(settled, failure));
        try {
            Futures.await(settled);
        } catch (RuntimeException e) {
            // The sink's failure is the cause, and the upload's its consequence.
            if (sink.outcome().isCompletedExceptionally()) {
                Futures.await(sink.outcome());
            }
            stop(call, sink, e);
            throw e;
        }
        if (!sink.outcome().isDone()) {
            stop(call, sink, new IllegalStateException("the store has answered before the body was through"));
        }
        return Futures.await(upload.response());
    }

    private static void stop(S3Call call, SealingSink sink, RuntimeException cause) {
        call.exchange().body().cancel();
        call.exchange().eventLoop().execute(() -> sink.fail(cause));
    }

    private static void settle(CompletableFuture<Void> settled, @Nullable Throwable failure) {
        if (failure == null) {
            settled.complete(null);
        } else {
            settled.completeExceptionally(failure);
        }
    }
}

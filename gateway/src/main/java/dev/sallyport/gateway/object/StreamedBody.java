package dev.sallyport.gateway.object;

import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.backend.BackendUpload;
import dev.sallyport.gateway.operation.S3Call;
import io.netty.channel.EventLoop;
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
        return send(
                () -> call.exchange()
                        .body()
                        .start(call.verified().bodyVerifier().apply(sink)),
                call.exchange().body()::cancel,
                call.exchange().eventLoop(),
                sink,
                upload);
    }

    /**
     * The same for bytes that come from elsewhere.
     *
     * @param start begins their flow into the sink
     * @param cancel ends it early; harmless after its end
     * @param loop on which the sink is called
     */
    static BackendResponse send(
            Runnable start, Runnable cancel, EventLoop loop, SealingSink sink, BackendUpload upload) {
        start.run();
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
            stop(cancel, loop, sink, e);
            throw e;
        }
        if (!sink.outcome().isDone()) {
            stop(cancel, loop, sink, new IllegalStateException("the store has answered before the body was through"));
        }
        return Futures.await(upload.response());
    }

    private static void stop(Runnable cancel, EventLoop loop, SealingSink sink, RuntimeException cause) {
        cancel.run();
        loop.execute(() -> sink.fail(cause));
    }

    private static void settle(CompletableFuture<Void> settled, @Nullable Throwable failure) {
        if (failure == null) {
            settled.complete(null);
        } else {
            settled.completeExceptionally(failure);
        }
    }
}

package dev.sallyport.gateway.object;

import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.backend.BackendUpload;
import dev.sallyport.gateway.flow.Buffers;
import dev.sallyport.gateway.format.ForgedObjectException;
import dev.sallyport.gateway.format.Reading;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/** The source of a copy whose key is open and whose bytes the store is giving: read once, through a sealing sink. */
public final class OpenSource implements AutoCloseable {
    private final SealingKey key;
    private final Reading reading;
    private final long length;
    private final @Nullable BackendResponse response;
    private boolean started;

    /**
     * @param length bytes of plaintext
     * @param response from the reading's first byte on; null when there is nothing to read
     */
    OpenSource(SealingKey key, Reading reading, long length, @Nullable BackendResponse response) {
        this.key = key;
        this.reading = reading;
        this.length = length;
        this.response = response;
    }

    /** Bytes of plaintext. */
    public long length() {
        return length;
    }

    /** Waits until the journal has the Decrypt of the source's key. */
    public void awaitAudit() {
        key.awaitAudit();
    }

    /**
     * Opens the source and sends it through a sealing sink; blocks until the store has answered.
     *
     * @param loop of the call, on which both ends of the flow are
     * @throws ForgedObjectException when the source does not authenticate: the store then has kept what it had
     * @throws dev.sallyport.gateway.backend.BackendUnavailableException when the store is at fault
     */
    public BackendResponse send(EventLoop loop, SealingSink sink, BackendUpload upload) {
        BackendResponse from = response;
        started = true;
        if (from == null) {
            return StreamedBody.send(() -> loop.execute(sink::complete), () -> {}, loop, sink, upload);
        }
        ReadingOpener opener = new ReadingOpener(reading, key.keys(), key.dataKey());
        OpeningSink opening = new OpeningSink(from.body(), reading, opener, Buffers.ALLOCATOR);
        try {
            return StreamedBody.send(
                    () -> {
                        loop.execute(() -> opening.connect(sink));
                        from.body().start(opening);
                    },
                    () -> opening.abandon(new IllegalStateException("the copy has ended")),
                    loop,
                    sink,
                    upload);
        } finally {
            awaitEnd(opening);
        }
    }

    /** The opener uses the key until then. */
    private static void awaitEnd(OpeningSink opening) {
        opening.abandon(new IllegalStateException("the copy has ended"));
        var _ = opening.done().handle((nothing, failure) -> true).join();
    }

    @Override
    public void close() {
        if (response != null && !started) {
            response.close();
        }
        key.close();
    }
}

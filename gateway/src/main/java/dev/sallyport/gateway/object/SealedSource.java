package dev.sallyport.gateway.object;

import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.backend.BackendUpload;
import dev.sallyport.gateway.flow.Buffers;
import dev.sallyport.gateway.format.Reading;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/** A source that the gateway has sealed: opened as it comes, so that nothing goes on which has not been authenticated. */
final class SealedSource extends OpenSource {
    private final SealingKey key;
    private final Reading reading;

    /** @param key closed with this source */
    SealedSource(SealingKey key, Reading reading, @Nullable BackendResponse response) {
        super(reading.plainLength(), response);
        this.key = key;
        this.reading = reading;
    }

    @Override
    public void awaitAudit() {
        key.awaitAudit();
    }

    @Override
    BackendResponse send(BackendResponse from, EventLoop loop, SealingSink sink, BackendUpload upload) {
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
    byte[] readWhole(BackendResponse from) {
        return ReadAnswer.open(reading, key, from.readBody(Math.toIntExact(reading.storedLength())));
    }

    @Override
    public void close() {
        super.close();
        key.close();
    }
}

package dev.sallyport.gateway.object;

import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.backend.BackendUpload;
import dev.sallyport.gateway.format.ForgedObjectException;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/** The source of a copy whose bytes the store is giving: read once, through a sealing sink or whole. */
public abstract class OpenSource implements AutoCloseable {
    private static final byte[] NOTHING = new byte[0];

    private final long length;
    private final @Nullable BackendResponse response;
    private boolean started;

    /**
     * @param length bytes of plaintext
     * @param response with the stored bytes that hold them; null when there is nothing to read
     */
    OpenSource(long length, @Nullable BackendResponse response) {
        this.length = length;
        this.response = response;
    }

    /** Bytes of plaintext. */
    public final long length() {
        return length;
    }

    /** Waits until the journal has the Decrypt of the source's key, if it has one. */
    public abstract void awaitAudit();

    /**
     * Opens the source and sends it through a sealing sink; blocks until the store has answered.
     *
     * @param loop of the call, on which both ends of the flow are
     * @throws ForgedObjectException when the source does not authenticate: the store then has kept what it had
     * @throws dev.sallyport.gateway.backend.BackendUnavailableException when the store is at fault
     */
    public final BackendResponse send(EventLoop loop, SealingSink sink, BackendUpload upload) {
        BackendResponse from = response;
        started = true;
        return from == null
                ? StreamedBody.send(() -> loop.execute(sink::complete), () -> {}, loop, sink, upload)
                : send(from, loop, sink, upload);
    }

    abstract BackendResponse send(BackendResponse from, EventLoop loop, SealingSink sink, BackendUpload upload);

    /** All of a short source; throws as {@link #send} does. */
    final byte[] readWhole() {
        BackendResponse from = response;
        started = true;
        return from == null ? NOTHING : readWhole(from);
    }

    abstract byte[] readWhole(BackendResponse from);

    @Override
    public void close() {
        if (response != null && !started) {
            response.close();
        }
    }
}

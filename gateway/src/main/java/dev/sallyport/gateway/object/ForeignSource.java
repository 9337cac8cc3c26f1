package dev.sallyport.gateway.object;

import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.backend.BackendUnavailableException;
import dev.sallyport.gateway.backend.BackendUpload;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/** A source that the gateway did not write, in a bucket that serves such objects: its bytes are taken as they are. */
final class ForeignSource extends OpenSource {
    ForeignSource(long length, @Nullable BackendResponse response) {
        super(length, response);
    }

    @Override
    public void awaitAudit() {
        // No key was opened.
    }

    @Override
    BackendResponse send(BackendResponse from, EventLoop loop, SealingSink sink, BackendUpload upload) {
        return StreamedBody.send(() -> from.body().start(sink), from.body()::cancel, loop, sink, upload);
    }

    @Override
    byte[] readWhole(BackendResponse from) {
        byte[] bytes = from.readBody(Math.toIntExact(length()));
        if (bytes.length != length()) {
            throw new BackendUnavailableException("the store gives fewer bytes than it was asked for");
        }
        return bytes;
    }
}

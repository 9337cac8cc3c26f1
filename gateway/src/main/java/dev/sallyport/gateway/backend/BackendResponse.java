package dev.sallyport.gateway.backend;

import dev.sallyport.gateway.flow.ByteSource;
import io.netty.handler.codec.http.HttpHeaders;

/** The store's answer. Its body must be read or cancelled, or its connection is lost to the pool. */
public interface BackendResponse extends AutoCloseable {
    int status();

    HttpHeaders headers();

    /** The body as a flow; on the loop that the request named. */
    ByteSource body();

    /** Blocks until the whole body is here; at most {@code limit} bytes, else {@link BackendUnavailableException}. */
    byte[] readBody(int limit);

    /** Cancels what was not read. */
    @Override
    void close();
}

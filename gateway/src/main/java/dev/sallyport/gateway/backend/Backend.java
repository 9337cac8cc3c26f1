package dev.sallyport.gateway.backend;

import io.netty.channel.EventLoop;

/**
 * The data path to the store: requests that are signed with the gateway's own credentials and sent over pooled connections
 * of one event loop. All methods block (virtual threads).
 */
public interface Backend {
    /**
     * Sends a request without a body, or with a small one, and waits for the answer's head.
     *
     * @throws BackendUnavailableException when the store cannot be reached, or falls silent
     */
    BackendResponse execute(EventLoop loop, BackendRequest request, byte[] body);

    /**
     * Acquires a connection and sends the head of a request whose body streams.
     *
     * @throws BackendUnavailableException when the store cannot be reached
     */
    BackendUpload upload(EventLoop loop, BackendRequest request, long contentLength);
}

package dev.sallyport.gateway.http;

import dev.sallyport.gateway.flow.ByteSink;
import dev.sallyport.gateway.flow.ByteSource;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer, as an operation on a virtual thread sees them. Exactly one of the {@code respond} methods is
 * called, once. Headers that every answer has (request id, date, server) are added by the pipeline.
 */
public interface Exchange {
    /** The method as sent, such as {@code GET}. */
    String method();

    /** The request target as sent: raw path and query, still percent-encoded. */
    String rawTarget();

    HttpHeaders headers();

    /** Sixteen upper-case hex digits for S3 ({@code x-amz-request-id}); the KMS endpoint makes a UUID of its own. */
    String requestId();

    /** The client's address, after trusted proxies. */
    InetSocketAddress remote();

    boolean secure();

    /** Null without TLS. */
    @Nullable String tlsVersion();

    /** Null without TLS. */
    @Nullable String tlsCipher();

    EventLoop eventLoop();

    /** For the access log and the metrics. */
    default RequestNotes notes() {
        return new RequestNotes();
    }

    /** The declared length of the raw body in bytes; -1 for a chunked one. */
    long contentLength();

    /** The raw body. Starting it answers {@code Expect: 100-continue}. At most one of this and {@link #readBody} is used. */
    ByteSource body();

    /**
     * Blocks until the whole raw body is here.
     *
     * @throws BodyTooLargeException over {@code limit} bytes
     * @throws java.io.UncheckedIOException when the client went away or fell silent
     */
    byte[] readBody(int limit);

    /** Answers with a body in memory. It is handed to the event loop: nobody waits until it is written. */
    void respond(int status, HttpHeaders headers, byte[] body);

    /**
     * Lets the client know that its answer is being worked on. When {@link #respond} is not called within
     * {@link HttpLimits#holdAfter}, the answer begins: with this status and these headers, then {@code opening}, then a space
     * at a time until {@code respond} is called. Its body must then begin as {@code opening} does, and what follows is sent; its
     * status and headers are not, since they would come too late. AWS answers its slow requests so, errors included.
     *
     * <p>Does not block, and may be called again while nothing is sent. Without effect for a client of HTTP/1.0, which knows no
     * chunks.
     *
     * @param before what must be done before anything is sent, such as waiting for an audit event; may block. When it throws,
     *     nothing is sent before {@code respond}
     */
    void hold(int status, HttpHeaders headers, byte[] opening, Runnable before);

    /**
     * Begins an answer that streams.
     *
     * @param contentLength what the sink will get in all; -1 for chunked. A sink that fails, or completes short, has its
     *     connection cut, so that the client can see it
     */
    ByteSink respondStreaming(int status, HttpHeaders headers, long contentLength);
}

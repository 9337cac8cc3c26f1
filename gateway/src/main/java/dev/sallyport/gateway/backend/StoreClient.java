package dev.sallyport.gateway.backend;

import dev.sallyport.gateway.auth.SigV4Signer;
import dev.sallyport.gateway.flow.ByteSink;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The data path to an S3 store: SigV4 with the gateway's own credentials over pooled HTTP/1.1 connections, of which each
 * event loop has its own. Streamed bodies go as {@code UNSIGNED-PAYLOAD}, since every byte of them is authenticated
 * encryption already.
 */
public final class StoreClient implements Backend, AutoCloseable {
    private static final String UNSIGNED = "UNSIGNED-PAYLOAD";
    private static final String EMPTY_HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private static final byte[] NO_BODY = new byte[0];

    /** From here on an early refusal saves more than the round trip of 100 Continue costs. */
    private static final long EXPECT_FROM = 1 << 20;

    private static final long CONTINUE_WAIT_MILLIS = 3_000;

    private final StoreEndpoint endpoint;
    private final SigV4Signer signer;
    private final InstantSource clock;
    private final Map<EventLoop, ConnectionPool> pools = new ConcurrentHashMap<>();

    /** @param signer for the service {@code s3} and the endpoint's region */
    public StoreClient(StoreEndpoint endpoint, SigV4Signer signer, InstantSource clock) {
        this.endpoint = endpoint;
        this.signer = signer;
        this.clock = clock;
    }

    @Override
    public BackendResponse execute(EventLoop loop, BackendRequest request, byte[] body) {
        HttpHeaders headers = headers(request);
        boolean carries = body.length > 0
                || request.method().equals("PUT")
                || request.method().equals("POST");
        if (carries) {
            headers.set(HttpHeaderNames.CONTENT_LENGTH, body.length);
        }
        // A small body is hashed, so that nobody between here and the store can change what is no ciphertext.
        StoreExchange exchange = send(loop, request, headers, body, body.length == 0 ? EMPTY_HASH : hash(body), false);
        return Waiting.await(exchange.response(), exchange);
    }

    @Override
    public BackendUpload upload(EventLoop loop, BackendRequest request, long contentLength) {
        HttpHeaders headers = headers(request);
        headers.set(HttpHeaderNames.CONTENT_LENGTH, contentLength);
        if (contentLength >= EXPECT_FROM) {
            headers.set(HttpHeaderNames.EXPECT, HttpHeaderValues.CONTINUE);
        }
        StoreExchange exchange = send(loop, request, headers, NO_BODY, UNSIGNED, true);
        if (contentLength >= EXPECT_FROM) {
            var _ = loop.schedule(exchange::stopWaiting, CONTINUE_WAIT_MILLIS, TimeUnit.MILLISECONDS);
        }
        Waiting.await(exchange.goAhead(), exchange);
        if (exchange.response().isCompletedExceptionally()) {
            Waiting.await(exchange.response(), exchange);
        }
        return new Upload(exchange);
    }

    private StoreExchange send(
            EventLoop loop, BackendRequest request, HttpHeaders headers, byte[] body, String hash, boolean streams) {
        String path = RequestTarget.path(endpoint.pathStyle(), request.bucket(), request.key());
        String query = RequestTarget.query(request.query());
        signer.sign(request.method(), endpoint.host(request.bucket()), path, query, headers, hash, clock.instant());
        String declared = headers.get(HttpHeaderNames.CONTENT_LENGTH);
        StoreExchange.SignedRequest signed = new StoreExchange.SignedRequest(
                request.method(),
                query.isEmpty() ? path : path + '?' + query,
                headers,
                body,
                declared == null ? 0 : Long.parseLong(declared),
                streams);
        ConnectionPool pool = pools.computeIfAbsent(loop, own -> new ConnectionPool(own, endpoint));
        StoreExchange exchange = new StoreExchange(loop, pool, signed);
        loop.execute(exchange::begin);
        return exchange;
    }

    private static HttpHeaders headers(BackendRequest request) {
        HttpHeaders headers = DefaultHttpHeadersFactory.headersFactory().newHeaders();
        headers.set(request.headers());
        return headers;
    }

    private static String hash(byte[] body) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Closes idle connections; those in use end with their exchange. */
    @Override
    public void close() {
        pools.forEach((loop, pool) -> {
            if (!loop.isShuttingDown()) {
                loop.execute(pool::close);
            }
        });
    }

    private record Upload(StoreExchange exchange) implements BackendUpload {
        @Override
        public ByteSink body() {
            return exchange.requestBody();
        }

        @Override
        public CompletableFuture<BackendResponse> response() {
            return exchange.response();
        }
    }
}

package dev.sallyport.gateway.backend;

import dev.sallyport.gateway.auth.SigV4Signer;
import dev.sallyport.gateway.flow.ByteSink;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;

/**
 * The data path to an S3 store: SigV4 with the gateway's own credentials over pooled HTTP/1.1 connections, of which each
 * event loop has its own. Bodies of objects go unsigned, since every byte of them is authenticated encryption already; but
 * where the store checks a CRC32C they carry one, so that it keeps nothing that was damaged on the way.
 */
public final class StoreClient implements Backend, AutoCloseable {
    private static final String UNSIGNED = "UNSIGNED-PAYLOAD";
    private static final String CHECKSUM = "x-amz-checksum-crc32c";
    private static final String AWS_CHUNKED = "aws-chunked";
    private static final String EMPTY_HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private static final byte[] NO_BODY = new byte[0];

    /** From here on an early refusal saves more than the round trip of 100 Continue costs. */
    private static final long EXPECT_FROM = 1 << 20;

    private static final long CONTINUE_WAIT_MILLIS = 3_000;

    private final StoreEndpoint endpoint;
    private final SigV4Signer signer;
    private final InstantSource clock;
    private final Map<EventLoop, ConnectionPool> pools = new ConcurrentHashMap<>();
    private volatile boolean checksumHeaders;
    private volatile boolean checksumTrailers;

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
        boolean object = isObject(request);
        if (object && body.length > 0 && checksumHeaders && !headers.contains(CHECKSUM)) {
            headers.set(CHECKSUM, crc32c(body));
        }
        String hash = body.length == 0 ? EMPTY_HASH : object ? UNSIGNED : hash(body);
        return execute(loop, request, headers, body, hash);
    }

    /** With this value of {@code x-amz-content-sha256}. */
    BackendResponse execute(EventLoop loop, BackendRequest request, byte[] body, String hash) {
        HttpHeaders headers = headers(request);
        headers.set(HttpHeaderNames.CONTENT_LENGTH, body.length);
        return execute(loop, request, headers, body, hash);
    }

    private BackendResponse execute(
            EventLoop loop, BackendRequest request, HttpHeaders headers, byte[] body, String hash) {
        StoreExchange exchange = send(loop, request, headers, body, hash, false);
        return Waiting.await(exchange.response(), exchange);
    }

    @Override
    public BackendUpload upload(EventLoop loop, BackendRequest request, long contentLength) {
        boolean trailer = checksumTrailers && isObject(request);
        HttpHeaders headers = headers(request);
        headers.set(HttpHeaderNames.CONTENT_LENGTH, trailer ? TrailerSink.framedLength(contentLength) : contentLength);
        if (trailer) {
            String coding = headers.get(HttpHeaderNames.CONTENT_ENCODING);
            headers.set(HttpHeaderNames.CONTENT_ENCODING, coding == null ? AWS_CHUNKED : coding + ',' + AWS_CHUNKED);
            headers.set("x-amz-decoded-content-length", contentLength);
            headers.set("x-amz-trailer", TrailerSink.TRAILER);
        }
        if (contentLength >= EXPECT_FROM) {
            headers.set(HttpHeaderNames.EXPECT, HttpHeaderValues.CONTINUE);
        }
        StoreExchange exchange = send(loop, request, headers, NO_BODY, trailer ? TrailerSink.PAYLOAD : UNSIGNED, true);
        if (contentLength >= EXPECT_FROM) {
            var _ = loop.schedule(exchange::stopWaiting, CONTINUE_WAIT_MILLIS, TimeUnit.MILLISECONDS);
        }
        Waiting.await(exchange.goAhead(), exchange);
        if (exchange.response().isCompletedExceptionally()) {
            Waiting.await(exchange.response(), exchange);
        }
        ByteSink body = exchange.requestBody();
        return new Upload(exchange, trailer ? new TrailerSink(body, contentLength) : body);
    }

    /** Whether it is a PUT of a whole object: a part carries no checksum that its upload was not begun with. */
    private static boolean isObject(BackendRequest request) {
        return request.method().equals("PUT")
                && request.key() != null
                && request.query().isEmpty();
    }

    /** Whether the store checks a CRC32C in a header, and one behind a body; false until it is known. */
    void sendChecksums(boolean inHeaders, boolean inTrailers) {
        checksumHeaders = inHeaders;
        checksumTrailers = inTrailers;
    }

    private static String crc32c(byte[] body) {
        CRC32C checksum = new CRC32C();
        checksum.update(body, 0, body.length);
        return Base64.getEncoder()
                .encodeToString(
                        ByteBuffer.allocate(4).putInt((int) checksum.getValue()).array());
    }

    private StoreExchange send(
            EventLoop loop, BackendRequest request, HttpHeaders headers, byte[] body, String hash, boolean streams) {
        String path = RequestTarget.path(endpoint.pathStyle(), request.bucket(), request.key());
        String query = RequestTarget.query(request.query());
        signer.sign(request.method(), endpoint.host(request.bucket()), path, query, headers, hash, clock.instant());
        String declared = headers.get(HttpHeaderNames.CONTENT_LENGTH);
        SignedRequest signed = new SignedRequest(
                request.method(),
                query.isEmpty() ? path : path + '?' + query,
                headers,
                body,
                declared == null ? 0 : Long.parseLong(declared),
                streams);
        ConnectionPool pool = pools.computeIfAbsent(loop, own -> new ConnectionPool(own, endpoint));
        StoreExchange exchange = new StoreExchange(loop, pool, signed);
        try {
            loop.execute(exchange::begin);
        } catch (RejectedExecutionException e) {
            throw new BackendUnavailableException("the gateway is stopping");
        }
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

    private record Upload(StoreExchange exchange, ByteSink body) implements BackendUpload {
        @Override
        public CompletableFuture<BackendResponse> response() {
            return exchange.response();
        }
    }
}

package dev.sallyport.gateway.http;

import dev.sallyport.gateway.flow.ByteSink;
import dev.sallyport.gateway.flow.ByteSource;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslHandler;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One request on its connection. */
final class HttpExchange implements Exchange {
    private static final Logger LOG = LoggerFactory.getLogger(HttpExchange.class);

    private final HttpRequest request;
    private final long contentLength;
    private final String requestId = CommonHeaders.newRequestId();
    private final InetSocketAddress remote;
    private final boolean secure;
    private final @Nullable SSLSession tls;
    private final RequestNotes notes = new RequestNotes();
    private final RequestBody body;
    private final Response response;
    private final EventLoop loop;
    private final Hold hold;
    private final long startNanos = System.nanoTime();
    private final long startMillis = System.currentTimeMillis();
    private volatile boolean answered;

    private HttpExchange(
            HttpRequest request,
            long contentLength,
            InetSocketAddress remote,
            boolean secure,
            @Nullable SSLSession tls,
            RequestBody body,
            Response response,
            EventLoop loop,
            Duration holdAfter) {
        this.request = request;
        this.contentLength = contentLength;
        this.remote = remote;
        this.secure = secure;
        this.tls = tls;
        this.body = body;
        this.response = response;
        this.loop = loop;
        this.hold = new Hold(loop, response, holdAfter);
    }

    static HttpExchange of(
            HttpRequest request,
            TrustedProxies proxies,
            ChannelHandlerContext ctx,
            RequestBody body,
            Response response,
            Duration holdAfter) {
        InetSocketAddress peer = peer(ctx.channel());
        SslHandler tls = ctx.pipeline().get(SslHandler.class);
        return new HttpExchange(
                request,
                HttpUtil.isTransferEncodingChunked(request) ? -1 : HttpUtil.getContentLength(request, 0L),
                proxies.client(peer, request.headers()),
                proxies.secure(tls != null, peer, request.headers()),
                tls == null ? null : tls.engine().getSession(),
                body,
                response,
                ctx.channel().eventLoop(),
                holdAfter);
    }

    /** Who is at the other end; a connection that is gone already has no address. */
    static InetSocketAddress peer(Channel channel) {
        return channel.remoteAddress() instanceof InetSocketAddress address
                ? address
                : new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    @Override
    public String method() {
        return request.method().name();
    }

    @Override
    public String rawTarget() {
        return request.uri();
    }

    @Override
    public HttpHeaders headers() {
        return request.headers();
    }

    @Override
    public String requestId() {
        return requestId;
    }

    @Override
    public InetSocketAddress remote() {
        return remote;
    }

    @Override
    public boolean secure() {
        return secure;
    }

    @Override
    public @Nullable String tlsVersion() {
        return tls == null ? null : tls.getProtocol();
    }

    @Override
    public @Nullable String tlsCipher() {
        return tls == null ? null : tls.getCipherSuite();
    }

    @Override
    public EventLoop eventLoop() {
        return loop;
    }

    @Override
    public RequestNotes notes() {
        return notes;
    }

    @Override
    public long contentLength() {
        return contentLength;
    }

    @Override
    public ByteSource body() {
        return body;
    }

    @Override
    public byte[] readBody(int limit) {
        if (contentLength > limit) {
            throw new BodyTooLargeException(limit);
        }
        byte[] here = body.whole();
        if (here != null) {
            if (here.length > limit) {
                throw new BodyTooLargeException(limit);
            }
            return here;
        }
        Collector collector = new Collector(limit);
        body.start(collector);
        try {
            return collector.result.join();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case IOException io -> throw new UncheckedIOException(io);
                case RuntimeException known -> throw known;
                case null, default -> throw e;
            }
        }
    }

    @Override
    public void respond(int status, HttpHeaders headers, byte[] bytes) {
        answer(() -> response.full(status, headers, bytes));
    }

    @Override
    public void hold(int status, HttpHeaders headers, byte[] opening, Runnable before) {
        if (!request.protocolVersion().equals(HttpVersion.HTTP_1_0)) {
            loop.execute(() -> hold.arm(status, headers, opening, before));
        }
    }

    @Override
    public ByteSink respondStreaming(int status, HttpHeaders headers, long length) {
        answer(() -> response.begin(status, headers, length));
        return response;
    }

    private void answer(Runnable writing) {
        answered = true;
        if (loop.inEventLoop()) {
            writing.run();
            return;
        }
        loop.execute(() -> {
            if (response.failed()) {
                return;
            }
            try {
                writing.run();
            } catch (RuntimeException e) {
                LOG.error("request {} could not be answered", requestId, e);
                conclude(true);
            }
        });
    }

    /** Whether the handler has given its answer, or begun to. */
    boolean answered() {
        return answered;
    }

    /** Gives the exchange the end that its handler did not; on the event loop. */
    void conclude(boolean broken) {
        if (!response.begun() && !response.failed()) {
            notes.errorCode("InternalError");
            RequestFault.internal(requestId).answer(response);
        } else if (broken && !response.ended()) {
            response.fail(new IllegalStateException("the handler failed"));
        }
    }

    RequestBody requestBody() {
        return body;
    }

    Response response() {
        return response;
    }

    HttpRequest request() {
        return request;
    }

    ExchangeSummary summary(boolean cut) {
        return new ExchangeSummary(
                Instant.ofEpochMilli(startMillis),
                requestId,
                remote.getAddress().getHostAddress(),
                method(),
                Redaction.target(rawTarget()),
                Redaction.userAgent(headers().get(HttpHeaderNames.USER_AGENT)),
                response.status(),
                body.received(),
                response.written(),
                System.nanoTime() - startNanos,
                secure,
                cut,
                notes);
    }

    /** The answer is through, or lost. */
    void end() {
        hold.end();
    }

    /** Gathers a small body in memory. */
    private final class Collector implements ByteSink {
        private final int limit;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final CompletableFuture<byte[]> result = new CompletableFuture<>();

        Collector(int limit) {
            this.limit = limit;
        }

        @Override
        public void write(ByteBuf data) {
            try {
                if (result.isDone()) {
                    return;
                }
                if (bytes.size() + data.readableBytes() > limit) {
                    body.cancel();
                    result.completeExceptionally(new BodyTooLargeException(limit));
                    return;
                }
                data.readBytes(bytes, data.readableBytes());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                data.release();
            }
        }

        @Override
        public void complete() {
            result.complete(bytes.toByteArray());
        }

        @Override
        public void fail(Throwable cause) {
            result.completeExceptionally(cause);
        }

        @Override
        public boolean writable() {
            return true;
        }

        @Override
        public void onWritabilityChanged(Runnable listener) {}
    }
}

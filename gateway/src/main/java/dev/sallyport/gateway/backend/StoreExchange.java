package dev.sallyport.gateway.backend;

import dev.sallyport.gateway.flow.ByteSink;
import dev.sallyport.gateway.flow.ByteSource;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A request to the store and its answer. All of its state belongs to the event loop; what blocks is in the futures. */
final class StoreExchange implements ConnectionPool.Taker, ByteSource {
    /** What is left of an unwanted answer is read to keep the connection; more than this is not worth it. */
    private static final long MAX_DRAIN = 256 << 10;

    private final EventLoop loop;
    private final ConnectionPool pool;
    private final SignedRequest request;
    private final CompletableFuture<BackendResponse> response = new CompletableFuture<>();
    private final CompletableFuture<Void> goAhead = new CompletableFuture<>();
    private final Deque<ByteBuf> queue = new ArrayDeque<>();

    private @Nullable StoreConnection connection;
    private @Nullable ByteSink sink;
    private @Nullable Runnable writabilityListener;
    private @Nullable BackendUnavailableException failure;
    private @Nullable ShortAnswer gathering;
    private boolean retried;
    private boolean informational;
    private boolean headReceived;
    private boolean keepAlive;
    private boolean requestDone;
    private boolean responseDone;
    private boolean cancelled;
    private long sent;
    private long drained;

    StoreExchange(EventLoop loop, ConnectionPool pool, SignedRequest request) {
        this.loop = loop;
        this.pool = pool;
        this.request = request;
    }

    CompletableFuture<BackendResponse> response() {
        return response;
    }

    /** Completes when the body may be sent: at once, on 100 Continue, or when the answer is there already. */
    CompletableFuture<Void> goAhead() {
        return goAhead;
    }

    void begin() {
        pool.acquire(false, this);
    }

    /** Sends the body although no 100 Continue came: RFC 9110, section 10.1.1. */
    void stopWaiting() {
        goAhead.complete(null);
    }

    @Override
    public void take(StoreConnection taken) {
        connection = taken;
        taken.begin(this);
        HttpMethod method = HttpMethod.valueOf(request.method());
        if (request.streams()) {
            var _ = taken.channel()
                    .writeAndFlush(
                            new DefaultHttpRequest(HttpVersion.HTTP_1_1, method, request.target(), request.headers()));
            if (!request.expectsContinue()) {
                goAhead.complete(null);
            }
        } else {
            ByteBuf body = Unpooled.wrappedBuffer(request.body());
            var _ = taken.channel()
                    .writeAndFlush(new DefaultFullHttpRequest(
                            HttpVersion.HTTP_1_1,
                            method,
                            request.target(),
                            body,
                            request.headers(),
                            io.netty.handler.codec.http.EmptyHttpHeaders.INSTANCE));
            requestDone = true;
        }
        taken.read();
    }

    @Override
    public void refused(String reason) {
        fail(reason);
    }

    /** Whether it is the store that must move next. */
    boolean storesTurn(boolean reading) {
        return headReceived ? reading : requestDone;
    }

    void head(HttpResponse head) {
        int status = head.status().code();
        if (status < 200) {
            informational = true;
            if (status == 100) {
                goAhead.complete(null);
            }
            return;
        }
        boolean bodiless = request.method().equals("HEAD") || status == 204 || status == 304;
        if (!bodiless && !HttpUtil.isTransferEncodingChunked(head) && !HttpUtil.isContentLengthSet(head)) {
            abort("the store's answer has no length");
            return;
        }
        headReceived = true;
        keepAlive = HttpUtil.isKeepAlive(head);
        gathering = ShortAnswer.of(head, bodiless);
        if (gathering == null) {
            response.complete(new StoreResponse(this, status, head.headers(), null));
            goAhead.complete(null);
        }
        writabilityChanged();
    }

    void content(ByteBuf data) {
        if (informational || !data.isReadable()) {
            data.release();
        } else if (cancelled) {
            drained += data.readableBytes();
            data.release();
            if (drained > MAX_DRAIN) {
                letGo(false);
            }
        } else if (gathering != null) {
            gathering.add(data);
        } else if (sink == null) {
            queue.add(data);
        } else {
            sink.write(data);
        }
    }

    void end() {
        if (informational) {
            informational = false;
            return;
        }
        if (responseDone) {
            return;
        }
        responseDone = true;
        letGo(requestDone && keepAlive);
        if (gathering != null) {
            queue.add(Unpooled.wrappedBuffer(gathering.bytes()));
            response.complete(new StoreResponse(this, gathering.status(), gathering.headers(), gathering.bytes()));
            goAhead.complete(null);
        } else if (sink != null && !cancelled) {
            sink.complete();
        }
    }

    void readMore() {
        StoreConnection current = connection;
        if (current != null && (!headReceived || cancelled || gathering != null || (sink != null && sink.writable()))) {
            current.read();
        }
    }

    void writabilityChanged() {
        if (writabilityListener != null) {
            writabilityListener.run();
        }
    }

    /** The connection is gone. */
    void failed(String reason) {
        boolean stale = connection != null && connection.used() && !headReceived && sent == 0;
        connection = null;
        if (stale && !retried && request.repeatable() && !(request.streams() && goAhead.isDone())) {
            retried = true;
            requestDone = false;
            informational = false;
            pool.acquire(true, this);
        } else if (!responseDone) {
            fail(reason);
        }
    }

    private void fail(String reason) {
        BackendUnavailableException cause = new BackendUnavailableException(reason);
        responseDone = true;
        failure = cause;
        releaseQueue();
        response.completeExceptionally(cause);
        goAhead.complete(null);
        writabilityChanged();
        if (sink != null && !cancelled) {
            sink.fail(cause);
        }
    }

    private void abort(String reason) {
        letGo(false);
        if (!responseDone) {
            fail(reason);
        }
    }

    private void letGo(boolean reusable) {
        StoreConnection current = connection;
        connection = null;
        if (current != null) {
            current.release(reusable);
        }
    }

    private void releaseQueue() {
        queue.forEach(ByteBuf::release);
        queue.clear();
    }

    @Override
    public EventLoop eventLoop() {
        return loop;
    }

    @Override
    public void start(ByteSink target) {
        if (loop.inEventLoop()) {
            attach(target);
        } else {
            loop.execute(() -> attach(target));
        }
    }

    private void attach(ByteSink target) {
        if (sink != null || cancelled) {
            throw new IllegalStateException("the answer's body is taken already");
        }
        sink = target;
        target.onWritabilityChanged(this::readMore);
        while (!queue.isEmpty()) {
            target.write(queue.removeFirst());
        }
        if (failure != null) {
            target.fail(failure);
        } else if (responseDone) {
            target.complete();
        } else {
            readMore();
        }
    }

    @Override
    public void cancel() {
        if (loop.inEventLoop()) {
            cancelNow();
        } else {
            loop.execute(this::cancelNow);
        }
    }

    private void cancelNow() {
        cancelled = true;
        releaseQueue();
        if (responseDone) {
            return;
        }
        if (!headReceived || !requestDone) {
            abort("cancelled");
        } else {
            readMore();
        }
    }

    /** The request's body. */
    ByteSink requestBody() {
        return new RequestBody();
    }

    private final class RequestBody implements ByteSink {
        @Override
        public void write(ByteBuf data) {
            StoreConnection current = connection;
            if (current == null || headReceived) {
                data.release();
                return;
            }
            sent += data.readableBytes();
            if (sent > request.contentLength()) {
                data.release();
                abort("a body longer than it was said to be");
                return;
            }
            current.write(data);
        }

        @Override
        public void complete() {
            StoreConnection current = connection;
            if (current == null || headReceived) {
                return;
            }
            if (sent < request.contentLength()) {
                abort("a body shorter than it was said to be");
                return;
            }
            requestDone = true;
            var _ = current.channel().writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
        }

        @Override
        public void fail(Throwable cause) {
            if (!headReceived) {
                abort("the body was cut");
            }
        }

        @Override
        public boolean writable() {
            StoreConnection current = connection;
            return current == null || headReceived || current.channel().isWritable();
        }

        @Override
        public void onWritabilityChanged(Runnable listener) {
            writabilityListener = listener;
        }
    }
}

package dev.sallyport.gateway.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the exchanges of one connection, one after another.
 *
 * <pre>
 *   idle ─ first byte ─▶ head ─ complete ─▶ exchange: handler on a virtual thread; the body is read only when it is asked for
 *     ▲                                        │ answer written
 *     └──────── rest of body drained ◀─────────┘ (or the connection is closed)
 * </pre>
 *
 * What a client sends ahead (pipelining) waits in {@link #inbox}, which is bounded by one read of the socket, since reading
 * stops as soon as a head is complete. All state belongs to the event loop.
 */
final class ConnectionHandler extends ChannelInboundHandlerAdapter
        implements RequestBody.Connection, Response.Connection {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionHandler.class);

    /** Objects of later requests that wait; a client that pipelines more is closed. */
    private static final int INBOX = 4096;

    private final ServerContext server;
    private final HeadAwareEncoder encoder;
    private final ArrayDeque<HttpObject> inbox = new ArrayDeque<>();
    private @Nullable ChannelHandlerContext context;
    private @Nullable Deadline deadline;
    private @Nullable Deadline writeDeadline;
    private @Nullable ConnectionEnd end;
    private @Nullable HttpExchange current;
    private @Nullable HttpExchange starting;
    private long bodyMark;
    private boolean inputShut;
    private boolean pumping;
    private boolean inHead;
    private boolean saidClose;
    private @Nullable HttpExchange draining;

    ConnectionHandler(ServerContext server, HeadAwareEncoder encoder) {
        this.server = server;
        this.encoder = encoder;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        Deadline reading = new Deadline(ctx.channel().eventLoop());
        deadline = reading;
        end = new ConnectionEnd(ctx, reading, server.limits, inbox);
        writeDeadline = new Deadline(ctx.channel().eventLoop());
        deadline().set(server.limits.headerTimeout(), end()::quietly);
    }

    /** From the handler before the decoder: bytes arrived. */
    void bytesArrived(int bytes) {
        end().arrived(bytes);
        if (current == null && !end().begun() && !inHead) {
            inHead = true;
            deadline().set(server.limits.headerTimeout(), () -> refuse(RequestFault.headTimeout()));
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof HttpObject object) || end().begun()) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (inbox.size() >= INBOX) {
            ReferenceCountUtil.release(object);
            end().quietly();
            return;
        }
        inbox.add(object);
        pump();
    }

    /** Hands on what waits, until it is the turn of a request that must wait. */
    private void pump() {
        if (pumping) {
            return;
        }
        pumping = true;
        try {
            while (!inbox.isEmpty() && !end().begun()) {
                HttpExchange exchange = current;
                HttpObject next = inbox.element();
                if (exchange == null) {
                    inbox.remove();
                    if (next instanceof HttpRequest request) {
                        begin(request);
                    } else {
                        ReferenceCountUtil.release(next);
                    }
                } else if (next instanceof HttpContent content
                        && !exchange.requestBody().ended()) {
                    inbox.remove();
                    bodyArrived(exchange, content);
                } else {
                    return;
                }
            }
        } finally {
            pumping = false;
        }
    }

    private void begin(HttpRequest request) {
        inHead = false;
        deadline().clear();
        readMore(false);
        RequestFault fault = RequestFault.of(request);
        if (fault != null) {
            refuse(fault);
            return;
        }
        boolean head = request.method().name().equals("HEAD");
        encoder.answersHead(head);
        RequestBody body = new RequestBody(ctx().channel(), this, HttpUtil.is100ContinueExpected(request));
        Response response = new Response(ctx(), this, head);
        HttpExchange exchange =
                HttpExchange.of(request, server.proxies, ctx(), body, response, server.limits.holdAfter());
        current = exchange;
        starting = exchange;
    }

    // Once what came with a head is taken in, so that the handler finds a small body whole.
    private void startHandler() {
        HttpExchange exchange = starting;
        if (exchange != null) {
            starting = null;
            exchange.requestBody().keepIfWhole(HttpLimits.SMALL_BODY);
            server.handlers.execute(new HandlerRun(server.handler, exchange));
        }
    }

    private void bodyArrived(HttpExchange exchange, HttpContent content) {
        RequestBody body = exchange.requestBody();
        body.offer(content);
        if (body.ended() || body.failed()) {
            if (draining == null) {
                deadline().clear();
            }
        } else if (draining == null && body.received() - bodyMark >= HttpLimits.BODY_PROGRESS) {
            bodyMark = body.received();
            if (ctx().channel().config().isAutoRead()) {
                deadline().set(server.limits.bodyTimeout(), this::bodyTooSlow);
            }
        }
    }

    @Override
    public void readMore(boolean wanted) {
        boolean was = ctx().channel().config().isAutoRead();
        if (was == wanted) {
            return;
        }
        HttpExchange exchange = current;
        if (exchange != null && !end().begun() && draining == null) {
            if (wanted) {
                bodyMark = exchange.requestBody().received();
                deadline().set(server.limits.bodyTimeout(), this::bodyTooSlow);
            } else {
                deadline().clear();
            }
        }
        ctx().channel().config().setAutoRead(wanted);
    }

    @Override
    public void sayContinue() {
        var _ = ctx().writeAndFlush(
                        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE),
                        ctx().voidPromise());
    }

    @Override
    public void decorate(HttpHeaders headers) {
        HttpExchange exchange = current;
        if (exchange == null) {
            return;
        }
        server.headers.addTo(headers, exchange.requestId());
        saidClose = mustClose(exchange);
        if (saidClose) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        } else if (exchange.request().protocolVersion().equals(HttpVersion.HTTP_1_0)) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
        }
        writeDeadline().set(server.limits.writeTimeout(), this::writeTooSlow);
    }

    private boolean mustClose(HttpExchange exchange) {
        return server.draining || inputShut || !ConnectionReuse.possible(exchange, server.limits.drainBytes());
    }

    @Override
    public void responseProgress() {
        if (writeDeadline != null && ctx().channel().isActive()) {
            writeDeadline.set(server.limits.writeTimeout(), this::writeTooSlow);
        }
    }

    @Override
    public void responseWritten() {
        HttpExchange exchange = current;
        if (exchange == null) {
            return;
        }
        boolean close = saidClose || mustClose(exchange);
        finish(exchange, false);
        if (close) {
            current = null;
            end().lingering(inputShut || exchange.requestBody().ended());
        } else if (exchange.requestBody().ended()) {
            next();
        } else {
            // the connection's own drain: what is left is short, so the next request follows it
            deadline().set(server.limits.drainTimeout(), end()::quietly);
            draining = exchange;
            ctx().channel().config().setAutoRead(true);
            pump();
            drainedEnough();
        }
    }

    private void drainedEnough() {
        HttpExchange exchange = draining;
        if (exchange != null && exchange.requestBody().ended()) {
            draining = null;
            next();
        } else if (exchange != null && exchange.requestBody().failed()) {
            end().quietly();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        drainedEnough();
        startHandler();
        ctx.fireChannelReadComplete();
    }

    private void next() {
        current = null;
        bodyMark = 0;
        deadline().clear();
        if (server.draining || (inputShut && inbox.isEmpty())) {
            end().quietly();
            return;
        }
        pump();
        if (current == null && !end().begun()) {
            deadline().set(server.limits.idleTimeout(), end()::quietly);
            ctx().channel().config().setAutoRead(true);
        }
        startHandler();
    }

    /** Tells everybody that the exchange is over. */
    private void finish(HttpExchange exchange, boolean cut) {
        writeDeadline().clear();
        exchange.requestBody().abandon();
        exchange.end();
        server.listener.finished(exchange.summary(cut));
    }

    @Override
    public void cut() {
        HttpExchange exchange = current;
        if (exchange != null && draining == null) {
            exchange.requestBody().fail(new ClientGoneException("the answer was cut"));
            current = null;
            finish(exchange, true);
        }
        end().reset();
    }

    /** A request that cannot be understood: there is no telling where the next one begins. */
    private void refuse(RequestFault fault) {
        String id = CommonHeaders.newRequestId();
        server.listener.finished(fault.summary(
                id, HttpExchange.peer(ctx().channel()).getAddress().getHostAddress()));
        FullHttpResponse response = fault.response(id);
        server.headers.addTo(response.headers(), id);
        encoder.answersHead(false);
        end().begin();
        ctx().writeAndFlush(response).addListener(written -> end().lingering(inputShut));
    }

    private void bodyTooSlow() {
        HttpExchange exchange = current;
        if (exchange != null) {
            readMore(false);
            exchange.requestBody().fail(RequestFault.bodyTimeout());
        }
    }

    private void writeTooSlow() {
        HttpExchange exchange = current;
        if (exchange == null) {
            return;
        }
        ChannelOutboundBuffer pending = ctx().channel().unsafe().outboundBuffer();
        if (pending != null && pending.totalPendingWriteBytes() > 0) {
            exchange.response().fail(new ClientGoneException("the client takes nothing of its answer"));
        } else {
            // it is the operation that is slow, and it has its own time-outs
            writeDeadline().set(server.limits.writeTimeout(), this::writeTooSlow);
        }
    }

    /** At a drain: a connection between two requests is closed. */
    void closeIfIdle() {
        if (current == null && !end().begun() && inbox.isEmpty()) {
            end().quietly();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        HttpExchange exchange = current;
        if (exchange != null) {
            exchange.response().writabilityChanged();
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            inputShut = true;
            HttpExchange exchange = current;
            if (exchange == null || end().begun()) {
                end().quietly();
            } else if (!exchange.requestBody().ended()) {
                exchange.requestBody().fail(RequestBody.incomplete());
            }
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        end().begin();
        deadline().close();
        writeDeadline().close();
        HttpExchange exchange = current;
        current = null;
        if (exchange != null && draining == null) {
            exchange.requestBody().fail(new ClientGoneException("the client closed its connection"));
            exchange.response().lost();
            finish(exchange, true);
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.debug("connection of {} failed: {}", ctx.channel().remoteAddress(), cause.toString());
        var _ = ctx.close();
    }

    private ChannelHandlerContext ctx() {
        return java.util.Objects.requireNonNull(context);
    }

    private Deadline deadline() {
        return java.util.Objects.requireNonNull(deadline);
    }

    private Deadline writeDeadline() {
        return java.util.Objects.requireNonNull(writeDeadline);
    }

    private ConnectionEnd end() {
        return java.util.Objects.requireNonNull(end);
    }
}

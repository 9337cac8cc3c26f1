package dev.sallyport.gateway.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;

/** How a connection ends: quietly, with a bounded drain so that its client can read the last answer, or with a reset. */
final class ConnectionEnd {
    private final ChannelHandlerContext ctx;
    private final Deadline deadline;
    private final HttpLimits limits;
    private final ArrayDeque<HttpObject> inbox;
    private boolean begun;
    private long drained;

    /** @param inbox emptied when the end begins */
    ConnectionEnd(ChannelHandlerContext ctx, Deadline deadline, HttpLimits limits, ArrayDeque<HttpObject> inbox) {
        this.ctx = ctx;
        this.deadline = deadline;
        this.limits = limits;
        this.inbox = inbox;
    }

    boolean begun() {
        return begun;
    }

    /** From now on nothing that arrives is handled. */
    void begin() {
        begun = true;
        for (HttpObject object : inbox) {
            ReferenceCountUtil.release(object);
        }
        inbox.clear();
    }

    /** Closes when all that was written is with the kernel. */
    void quietly() {
        begin();
        ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    /**
     * Ends the output, and reads what still comes for a while: closing with unread bytes would make the kernel send a reset,
     * which can overtake the answer.
     *
     * @param allHere whether nothing more can come
     */
    void lingering(boolean allHere) {
        begin();
        if (allHere) {
            var _ = ctx.close();
            return;
        }
        deadline.set(limits.drainTimeout(), this::quietly);
        if (ctx.channel() instanceof SocketChannel socket && ctx.pipeline().get(SslHandler.class) == null) {
            socket.shutdownOutput().addListener(done -> {
                if (!done.isSuccess()) {
                    quietly();
                }
            });
        }
        ctx.channel().config().setAutoRead(true);
    }

    /** Past the TLS handler's orderly close too: the client must not take a cut body for a whole one. */
    void reset() {
        begin();
        if (ctx.channel() instanceof SocketChannel socket && socket.isOpen()) {
            socket.config().setSoLinger(0);
        }
        ctx.channel().unsafe().close(ctx.channel().newPromise());
    }

    /** Raw bytes arrived. */
    void arrived(int bytes) {
        if (begun) {
            drained += bytes;
            if (drained > limits.drainBytes()) {
                quietly();
            }
        }
    }
}

package dev.sallyport.gateway.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts connections, and turns away those over the limit with S3's answer to a server that is full. */
final class ConnectionLimit {
    private static final byte[] FULL = full();

    private final int max;
    private final ServerListener listener;
    private final AtomicInteger open = new AtomicInteger();

    ConnectionLimit(int max, ServerListener listener) {
        this.max = max;
        this.listener = listener;
    }

    int open() {
        return open.get();
    }

    /** Whether the connection may stay. One that may not is answered and closed. */
    boolean admit(SocketChannel channel) {
        if (open.incrementAndGet() > max) {
            open.decrementAndGet();
            listener.refused();
            channel.pipeline().addLast(new Refusal());
            return false;
        }
        listener.opened();
        channel.closeFuture().addListener(closed -> {
            open.decrementAndGet();
            listener.closed();
        });
        return true;
    }

    private static byte[] full() {
        String body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>ServiceUnavailable</Code>"
                + "<Message>Please reduce your request rate.</Message></Error>";
        return ("HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/xml\r\nRetry-After: 1\r\n"
                        + "Connection: close\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static final class Refusal extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.writeAndFlush(Unpooled.wrappedBuffer(FULL)).addListener(ChannelFutureListener.CLOSE);
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ReferenceCountUtil.release(message);
        }
    }
}

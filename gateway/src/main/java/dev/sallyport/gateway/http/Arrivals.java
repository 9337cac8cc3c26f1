package dev.sallyport.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** Stands before the decoder, since only there the first byte of a request, and what it gives up on, is seen. */
final class Arrivals extends ChannelInboundHandlerAdapter {
    private final ConnectionHandler connection;

    Arrivals(ConnectionHandler connection) {
        this.connection = connection;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof ByteBuf buffer) {
            connection.bytesArrived(buffer.readableBytes());
        }
        ctx.fireChannelRead(message);
    }
}

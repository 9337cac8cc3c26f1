package dev.sallyport.gateway.backend;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection to the store. It carries one exchange at a time and between two of them lies in its pool. Everything here
 * runs on the connection's event loop.
 *
 * <pre>
 *   idle ──begin──▶ busy ──both directions through, keep-alive──▶ idle
 *     │               │
 *     └── any byte,   └── cut short, protocol error, stall ──▶ closed
 *         EOF, age ──▶ closed
 * </pre>
 */
final class StoreConnection extends ChannelInboundHandlerAdapter {
    private static final int FLUSH_AT = 512 << 10;

    private final Channel channel;
    private final ConnectionPool pool;
    private final long stallNanos;
    private @Nullable StoreExchange exchange;
    private @Nullable ScheduledFuture<?> watchdog;
    private boolean reading;
    private boolean used;
    private int unflushed;
    private boolean flushScheduled;
    private long lastProgress;
    private long idleSince;

    StoreConnection(Channel channel, ConnectionPool pool, long stallNanos) {
        this.channel = channel;
        this.pool = pool;
        this.stallNanos = stallNanos;
    }

    Channel channel() {
        return channel;
    }

    /** Whether an earlier exchange went over this connection, so that the store may have closed it meanwhile. */
    boolean used() {
        return used;
    }

    long idleSince() {
        return idleSince;
    }

    /** Starts an exchange. */
    void begin(StoreExchange next) {
        exchange = next;
        lastProgress = System.nanoTime();
        long period = Math.max(1, stallNanos / 4);
        watchdog =
                channel.eventLoop().scheduleWithFixedDelay(this::checkProgress, period, period, TimeUnit.NANOSECONDS);
    }

    /** Asks for the next bytes; harmless when they are asked for already. */
    void read() {
        if (!reading) {
            reading = true;
            lastProgress = System.nanoTime();
            channel.read();
        }
    }

    /** Writes a piece of a body. Pieces gather: one flush follows at the end of the loop's turn, or when enough wait. */
    void write(ByteBuf data) {
        unflushed += data.readableBytes();
        var _ = channel.write(new DefaultHttpContent(data));
        if (unflushed >= FLUSH_AT) {
            flush();
        } else if (!flushScheduled) {
            flushScheduled = true;
            channel.eventLoop().execute(this::flush);
        }
    }

    private void flush() {
        flushScheduled = false;
        unflushed = 0;
        channel.flush();
    }

    void close() {
        var _ = channel.close();
    }

    /** Ends the exchange; the connection goes back to its pool, or is closed. */
    void release(boolean reusable) {
        exchange = null;
        if (watchdog != null) {
            watchdog.cancel(false);
            watchdog = null;
        }
        used = true;
        idleSince = System.nanoTime();
        if (reusable && channel.isActive()) {
            // So that an EOF while it is idle is seen.
            read();
            pool.giveBack(this);
        } else {
            var _ = channel.close();
        }
    }

    /** The store must move when it is its turn: when bytes are asked of it, or it does not take what it was sent. */
    private void checkProgress() {
        StoreExchange current = exchange;
        if (current == null) {
            return;
        }
        boolean storesTurn = current.storesTurn(reading) || !channel.isWritable();
        if (storesTurn && System.nanoTime() - lastProgress > stallNanos) {
            fail("the store fell silent");
        } else if (!storesTurn) {
            lastProgress = System.nanoTime();
        }
    }

    private void fail(String reason) {
        StoreExchange current = exchange;
        exchange = null;
        if (watchdog != null) {
            watchdog.cancel(false);
            watchdog = null;
        }
        var _ = channel.close();
        if (current != null) {
            current.failed(reason);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        StoreExchange current = exchange;
        lastProgress = System.nanoTime();
        if (current == null) {
            ReferenceCountUtil.release(message);
            var _ = channel.close();
            return;
        }
        if (message instanceof HttpObject object && object.decoderResult().isFailure()) {
            ReferenceCountUtil.release(message);
            fail("the store's answer is not HTTP");
            return;
        }
        if (message instanceof HttpResponse response) {
            current.head(response);
        } else if (message instanceof HttpContent content) {
            boolean last = content instanceof LastHttpContent;
            current.content(content.content());
            if (last) {
                current.end();
            }
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        reading = false;
        StoreExchange current = exchange;
        if (current != null) {
            current.readMore();
        } else if (channel.isActive()) {
            read();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        lastProgress = System.nanoTime();
        StoreExchange current = exchange;
        if (current != null) {
            current.writabilityChanged();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        pool.closed(this);
        fail("the store closed the connection");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail("the connection to the store broke: " + cause.getMessage());
    }
}

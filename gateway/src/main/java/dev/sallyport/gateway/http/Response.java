package dev.sallyport.gateway.http;

import dev.sallyport.gateway.flow.ByteSink;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.UncheckedIOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The answer to the current request; all state belongs to the event loop. Writes are gathered: one flush follows at the end
 * of the loop's turn, or when {@value #FLUSH_AT} bytes wait.
 */
final class Response implements ByteSink {
    private static final int FLUSH_AT = 512 * 1024;
    private static final byte[] SPACE = {' '};

    /** What the connection does when the answer has ended. */
    interface Connection {
        /** The last byte was handed to the kernel. */
        void responseWritten();

        /** The answer must be seen to be cut. */
        void cut();

        /** Something was written, so the client is alive. */
        void responseProgress();

        /** Fills in what every answer has, just before the head is written. */
        void decorate(HttpHeaders headers);
    }

    private final ChannelHandlerContext ctx;
    private final Connection connection;
    private final boolean head;
    private int status;
    private long promised;
    private long taken;
    private long written;
    private int unflushed;
    private boolean flushScheduled;
    private boolean begun;
    private boolean ended;
    private boolean failed;
    private boolean through;
    private byte @Nullable [] held;
    private @Nullable Runnable writabilityListener;

    Response(ChannelHandlerContext ctx, Connection connection, boolean head) {
        this.ctx = ctx;
        this.connection = connection;
        this.head = head;
    }

    /** Writes the head; the body follows through the sink's methods. */
    void begin(int code, HttpHeaders headers, long contentLength) {
        if (begun) {
            throw new IllegalStateException("a request is answered once");
        }
        begun = true;
        status = code;
        boolean bodiless = code == 204 || code == 304;
        promised = bodiless || head ? 0 : contentLength;
        connection.decorate(headers);
        if (bodiless) {
            headers.remove(HttpHeaderNames.CONTENT_LENGTH);
        } else if (contentLength >= 0) {
            if (!head || !headers.contains(HttpHeaderNames.CONTENT_LENGTH)) {
                headers.set(HttpHeaderNames.CONTENT_LENGTH, contentLength);
            }
        } else {
            headers.remove(HttpHeaderNames.CONTENT_LENGTH);
            headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        }
        HttpResponse response =
                new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(code), headers);
        ctx.write(response).addListener(result -> {
            if (!result.isSuccess()) {
                gone();
            }
        });
        scheduleFlush();
    }

    @Override
    public void write(ByteBuf data) {
        if (failed) {
            data.release();
            throw new UncheckedIOException(new ClientGoneException("the client is gone"));
        }
        if (ended || head || status == 204 || status == 304) {
            data.release();
            return;
        }
        int length = data.readableBytes();
        if (length == 0) {
            data.release();
            return;
        }
        taken += length;
        if (promised >= 0 && taken > promised) {
            data.release();
            fail(new IllegalStateException("more body than promised"));
            return;
        }
        ctx.write(new DefaultHttpContent(data)).addListener(result -> {
            if (result.isSuccess()) {
                written += length;
                connection.responseProgress();
            } else {
                gone();
            }
        });
        unflushed += length;
        if (unflushed >= FLUSH_AT) {
            flush();
        } else {
            scheduleFlush();
        }
    }

    @Override
    public void complete() {
        if (ended) {
            return;
        }
        if (!begun || (promised >= 0 && taken != promised)) {
            fail(new IllegalStateException("less body than promised"));
            return;
        }
        ended = true;
        ChannelFuture last = ctx.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
        last.addListener(result -> {
            if (result.isSuccess()) {
                through = true;
                connection.responseWritten();
            } else {
                gone();
            }
        });
    }

    @Override
    public void fail(Throwable cause) {
        if (!failed && !through) {
            lost();
            connection.cut();
        }
    }

    /** The client will not see this answer's end: a source that writes on is told by an exception. */
    void lost() {
        boolean waiting = !ended;
        ended = true;
        failed = true;
        Runnable listener = writabilityListener;
        if (waiting && listener != null) {
            listener.run();
        }
    }

    /** True too when the client is gone, so that a source that waits finds out. */
    @Override
    public boolean writable() {
        return failed || ctx.channel().isWritable();
    }

    @Override
    public void onWritabilityChanged(Runnable listener) {
        writabilityListener = listener;
    }

    void writabilityChanged() {
        Runnable listener = writabilityListener;
        if (listener != null && !ended) {
            listener.run();
        }
    }

    /** Begins an answer whose {@link #full} is not known yet: only its status, its headers and how its body begins. */
    void hold(int code, HttpHeaders headers, byte[] opening) {
        begin(code, headers, -1);
        write(Unpooled.wrappedBuffer(opening));
        held = opening;
    }

    /** A byte that says nothing, to a client that waits for what follows. */
    void space() {
        if (!ended && !failed) {
            write(Unpooled.wrappedBuffer(SPACE));
        }
    }

    void full(int code, HttpHeaders headers, byte[] body) {
        byte[] sent = held;
        if (sent != null) {
            held = null;
            if (body.length < sent.length || Arrays.mismatch(sent, 0, sent.length, body, 0, sent.length) >= 0) {
                fail(new IllegalStateException("an answer that is not the one which was begun"));
                return;
            }
            write(Unpooled.wrappedBuffer(body, sent.length, body.length - sent.length));
            complete();
            return;
        }
        begin(code, headers, body.length);
        if (body.length > 0) {
            write(Unpooled.wrappedBuffer(body));
        }
        complete();
    }

    boolean begun() {
        return begun;
    }

    boolean ended() {
        return ended;
    }

    boolean failed() {
        return failed;
    }

    int status() {
        return status;
    }

    long written() {
        return written;
    }

    private void gone() {
        if (!failed) {
            lost();
            connection.cut();
        }
    }

    private void scheduleFlush() {
        if (!flushScheduled) {
            flushScheduled = true;
            ctx.channel().eventLoop().execute(this::flush);
        }
    }

    private void flush() {
        flushScheduled = false;
        unflushed = 0;
        ctx.flush();
    }
}

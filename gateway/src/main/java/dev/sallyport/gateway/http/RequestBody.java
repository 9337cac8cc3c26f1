package dev.sallyport.gateway.http;

import dev.sallyport.gateway.flow.ByteSink;
import dev.sallyport.gateway.flow.ByteSource;
import dev.sallyport.gateway.s3.S3Exception;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** The body of the current request, as it comes from the connection; all state belongs to the event loop. */
final class RequestBody implements ByteSource {
    /** What the connection does for its body. */
    interface Connection {
        /** The body is wanted, or (for now) not. */
        void readMore(boolean wanted);

        /** The client waits for 100 Continue, and is now to be told. */
        void sayContinue();
    }

    private final Channel channel;
    private final Connection connection;
    private final ArrayDeque<ByteBuf> queue = new ArrayDeque<>();
    private boolean expectsContinue;
    private byte @Nullable [] whole;
    private @Nullable ByteSink sink;
    private boolean ended;
    private @Nullable Throwable failure;
    private boolean sinkDone;
    private boolean discarding;
    private boolean delivering;
    private long received;

    RequestBody(Channel channel, Connection connection, boolean expectsContinue) {
        this.channel = channel;
        this.connection = connection;
        this.expectsContinue = expectsContinue;
    }

    @Override
    public EventLoop eventLoop() {
        return channel.eventLoop();
    }

    @Override
    public void start(ByteSink target) {
        if (channel.eventLoop().inEventLoop()) {
            begin(target);
        } else {
            channel.eventLoop().execute(() -> begin(target));
        }
    }

    /**
     * Before the handler starts: a body that is here whole, of at most so many bytes, is from then on at hand for its thread. Not
     * one whose client waits to be told to send it, which is told when the body is asked for.
     */
    void keepIfWhole(int most) {
        if (!ended || discarding || expectsContinue || received > most) {
            return;
        }
        byte[] bytes = new byte[(int) received];
        int filled = 0;
        for (ByteBuf buffer : queue) {
            int count = buffer.readableBytes();
            buffer.readBytes(bytes, filled, count);
            filled += count;
        }
        releaseQueue();
        whole = bytes;
    }

    /** Null unless all of the body was here when the handler started. */
    byte @Nullable [] whole() {
        return whole;
    }

    @Override
    public void gather(ByteSink target) {
        byte[] here = whole;
        if (here == null) {
            start(target);
            return;
        }
        if (here.length > 0) {
            try {
                target.write(Unpooled.wrappedBuffer(here));
            } catch (RuntimeException e) {
                target.fail(e);
                return;
            }
        }
        target.complete();
    }

    private void begin(ByteSink target) {
        if (sink != null) {
            throw new IllegalStateException("a request body is read once");
        }
        sink = target;
        byte[] here = whole;
        if (here != null && here.length > 0 && !discarding) {
            queue.add(Unpooled.wrappedBuffer(here));
        }
        if (discarding) {
            endSink(new ClientGoneException("the request is over"));
            return;
        }
        target.onWritabilityChanged(this::deliver);
        // Also for an empty body, which needs it by no rule: botocore takes a final answer that no 100 came before for
        // the
        // next request's on the same connection as well.
        if (expectsContinue && received == 0) {
            expectsContinue = false;
            connection.sayContinue();
        }
        deliver();
    }

    @Override
    public void cancel() {
        if (channel.eventLoop().inEventLoop()) {
            discard();
        } else {
            channel.eventLoop().execute(this::discard);
        }
    }

    /** Drops what is here and what comes; the sink is called no more. */
    void discard() {
        discarding = true;
        sinkDone = true;
        releaseQueue();
    }

    /** The answer is through: a sink that still waits is told so, and the rest is dropped. */
    void abandon() {
        if (sink != null && !sinkDone && !discarding) {
            endSink(new ClientGoneException("the request was answered before its body was read"));
        }
        discard();
    }

    void offer(HttpContent content) {
        received += content.content().readableBytes();
        if (content.decoderResult().isFailure()) {
            content.release();
            fail(incomplete());
            return;
        }
        if (discarding || !content.content().isReadable()) {
            content.release();
        } else {
            queue.add(content.content());
        }
        if (content instanceof LastHttpContent) {
            ended = true;
            connection.readMore(false);
        }
        deliver();
    }

    /** The body will not come to its end. */
    void fail(Throwable cause) {
        if (ended || failure != null) {
            return;
        }
        failure = cause;
        releaseQueue();
        if (sink != null) {
            endSink(cause);
        }
    }

    /** What S3 says of a body that ends before its length. */
    static S3Exception incomplete() {
        return new S3Exception(
                400,
                "IncompleteBody",
                "You did not provide the number of bytes specified by the Content-Length HTTP header");
    }

    boolean ended() {
        return ended;
    }

    boolean started() {
        return sink != null;
    }

    boolean failed() {
        return failure != null;
    }

    /** Whether the client still waits for 100 Continue, and so sends nothing. */
    boolean awaitsContinue() {
        return expectsContinue && received == 0;
    }

    long received() {
        return received;
    }

    private void deliver() {
        ByteSink target = sink;
        if (target == null || delivering || sinkDone) {
            return;
        }
        delivering = true;
        try {
            while (!sinkDone && !queue.isEmpty() && target.writable()) {
                target.write(queue.remove());
            }
        } catch (RuntimeException e) {
            endSink(e);
            discard();
            return;
        } finally {
            delivering = false;
        }
        if (sinkDone) {
            return;
        }
        if (failure != null) {
            endSink(failure);
        } else if (queue.isEmpty() && ended) {
            sinkDone = true;
            target.complete();
        } else if (!ended) {
            connection.readMore(queue.isEmpty() && target.writable());
        }
    }

    private void endSink(Throwable cause) {
        if (!sinkDone && sink != null) {
            sinkDone = true;
            sink.fail(cause);
        }
    }

    private void releaseQueue() {
        for (ByteBuf buffer : queue) {
            buffer.release();
        }
        queue.clear();
    }
}

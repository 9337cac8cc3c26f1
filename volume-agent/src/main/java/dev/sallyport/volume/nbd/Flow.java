package dev.sallyport.volume.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What one connection's requests under way hold, the way to the workers, and the way of the answers. Confined to the
 * connection's event loop.
 */
final class Flow {
    /** Bytes that one connection's requests may hold. */
    private static final long MAX_IN_FLIGHT = 8L << 20;

    /** What a request under way counts at least. */
    private static final int MIN_COST = 4096;

    private final ChannelHandlerContext context;
    private final Serving serving;
    private final Session session;
    private final Connections.Member membership;
    private final FailureLog failures;
    private final Runnable resume;
    private final Runnable resumeLater;

    private long inFlight;
    private boolean ending;
    private boolean waitsForBudget;

    /** @param resume called on the event loop when there may be room for another request */
    Flow(
            ChannelHandlerContext context,
            Serving serving,
            Session session,
            Connections.Member membership,
            Runnable resume) {
        this.context = context;
        this.serving = serving;
        this.session = session;
        this.membership = membership;
        this.failures = new FailureLog(serving.export().name());
        this.resume = resume;
        this.resumeLater = () -> context.executor().execute(() -> {
            waitsForBudget = false;
            resume.run();
            context.flush();
        });
    }

    ChannelHandlerContext context() {
        return context;
    }

    Session session() {
        return session;
    }

    boolean ending() {
        return ending;
    }

    boolean idle() {
        return inFlight == 0;
    }

    /** Whether another request, or another piece of one, may begin. */
    boolean ready() {
        if (!context.channel().isWritable()) {
            context.flush();
        }
        if (inFlight >= MAX_IN_FLIGHT || !context.channel().isWritable() || waitsForBudget) {
            return false;
        }
        waitsForBudget = !serving.budget().hasRoom(resumeLater);
        return !waitsForBudget;
    }

    /** Something that may wait for the disk. */
    interface DiskAction {
        void run() throws IOException;
    }

    /**
     * Runs what may wait for the disk on the workers, and what follows from it on the event loop.
     *
     * @param bytes that it holds
     * @param then given null when all went well
     */
    void submit(int bytes, DiskAction action, Consumer<@Nullable IOException> then) {
        long cost = Math.max(bytes, MIN_COST);
        inFlight += cost;
        serving.budget().take(cost);
        membership.begin();
        try {
            serving.workers().execute(() -> {
                IOException outcome = attempt(action);
                context.executor().execute(() -> finish(cost, outcome, then));
            });
        } catch (RejectedExecutionException e) {
            finish(cost, new IOException("the server has shut down"), then);
        }
    }

    private void finish(long cost, @Nullable IOException outcome, Consumer<@Nullable IOException> then) {
        inFlight -= cost;
        then.accept(outcome);
        serving.budget().giveBack(cost);
        membership.end();
        resume.run();
        context.flush();
        if (ending) {
            closeWhenIdle();
        }
    }

    /** Whatever goes wrong on a worker is an answer too: a client waits for one. */
    private static @Nullable IOException attempt(DiskAction action) {
        try {
            action.run();
            return null;
        } catch (IOException e) {
            return e;
        } catch (RuntimeException | OutOfMemoryError e) {
            return new IOException("internal error", e);
        }
    }

    void send(ByteBuf reply) {
        context.write(reply, context.voidPromise());
    }

    /** Sends what {@code head} writes, and data behind it. */
    void sendData(byte[] data, int length, Consumer<ByteBuf> head) {
        // a native copy here, since the transport would make one anyway; so the array is free again at once
        ByteBuf reply = context.alloc().directBuffer(48 + length);
        head.accept(reply);
        send(reply.writeBytes(data, 0, length));
    }

    void refuse(long cookie, long offset, int error) {
        send(Replies.error(context.alloc(), session, cookie, offset, error));
    }

    /** What answers a request without data, well or not. */
    Consumer<@Nullable IOException> answer(long cookie, long offset) {
        return outcome -> {
            if (outcome == null) {
                send(Replies.success(context.alloc(), session, cookie, offset));
            } else {
                refuse(cookie, offset, failed(offset, outcome));
            }
        };
    }

    /** Logs a failure of the disk; returns the protocol's error value for it. */
    int failed(long position, IOException cause) {
        failures.log(position, cause);
        return FailureLog.isNoSpace(cause) ? Nbd.ENOSPC : Nbd.EIO;
    }

    /** Takes nothing more, and closes when the requests under way are answered. */
    void end() {
        ending = true;
        closeWhenIdle();
    }

    private void closeWhenIdle() {
        if (inFlight == 0) {
            context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
    }

    /** Closes at once: the stream cannot be followed, or not gone on with. */
    void abort() {
        ending = true;
        context.close();
    }

    /** The client has gone; what was begun is finished. */
    void gone() {
        ending = true;
    }
}

package dev.sallyport.volume.nbd;

import dev.sallyport.volume.device.BlockDevice;
import dev.sallyport.volume.device.BlockDevice.Extent;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection's commands: parse, validate, run, answer. What the page cache holds is served on the event loop; what may
 * wait for the disk runs on the workers, and answers come in any order, as the protocol allows.
 *
 * <pre>
 *   HEADER ──▶ (a write) PAYLOAD ──▶ run ──▶ HEADER
 *      └──────▶ (refused) DISCARD ──────────▶┘
 * </pre>
 *
 * Requests under way are bounded by the bytes they hold; over that, nothing more is read from the client.
 */
final class Transmission extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(Transmission.class);
    private static final long MAX_IN_FLIGHT = 8L << 20;
    private static final int MAX_EXTENTS = 2048;

    private final Export export;
    private final Session session;
    private final Connections.Member membership;
    private final Executor workers;
    private final Buffers buffers = new Buffers();
    private final Deque<ByteBuf> waiting = new ArrayDeque<>();
    private final ByteBuf header = Unpooled.buffer(32, 32);

    private RequestHeader.@Nullable Parsed current;
    private byte @Nullable [] payload;
    private int payloadFilled;
    private long discard;
    private int discardError;
    private long inFlight;
    private boolean ending;

    Transmission(Export export, Session session, Connections.Member membership, Executor workers) {
        this.export = export;
        this.session = session;
        this.membership = membership;
        this.workers = workers;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        waiting.add((ByteBuf) message);
        process(context);
    }

    /** Takes requests as long as their answers find room; a few bytes of requests may ask for gigabytes. */
    private void process(ChannelHandlerContext context) {
        try {
            for (ByteBuf in = waiting.peek(); in != null && ready(context); in = waiting.peek()) {
                if (in.isReadable() && !ending) {
                    step(context, in);
                } else {
                    waiting.remove().release();
                }
            }
        } catch (RequestHeader.ProtocolException e) {
            ending = true;
            context.close();
        }
        throttle(context);
    }

    private boolean ready(ChannelHandlerContext context) {
        if (!context.channel().isWritable()) {
            context.flush();
        }
        return ending || (inFlight < MAX_IN_FLIGHT && context.channel().isWritable());
    }

    private void step(ChannelHandlerContext context, ByteBuf in) throws RequestHeader.ProtocolException {
        if (discard > 0) {
            int skipped = (int) Math.min(discard, in.readableBytes());
            in.skipBytes(skipped);
            discard -= skipped;
            if (discard == 0) {
                refuse(context, current(), discardError);
            }
            return;
        }
        byte[] target = payload;
        if (target != null) {
            int length = (int) current().payload();
            int part = Math.min(length - payloadFilled, in.readableBytes());
            in.readBytes(target, payloadFilled, part);
            payloadFilled += part;
            if (payloadFilled == length) {
                payload = null;
                run(context, current().command(), target);
            }
            return;
        }
        int missing = RequestHeader.size(session) - header.writerIndex();
        header.writeBytes(in, Math.min(missing, in.readableBytes()));
        if (header.writerIndex() == RequestHeader.size(session)) {
            RequestHeader.Parsed parsed = RequestHeader.parse(header, session);
            header.clear();
            begin(context, parsed);
        }
    }

    private void begin(ChannelHandlerContext context, RequestHeader.Parsed parsed) {
        current = parsed;
        NbdCommand command = parsed.command();
        int error = command == null ? Nbd.EINVAL : CommandValidator.validate(command, export, session);
        if (parsed.payload() > 0 && (error != CommandValidator.OK || !(command instanceof NbdCommand.Write))) {
            discard = parsed.payload();
            discardError = error == CommandValidator.OK ? Nbd.EINVAL : error;
        } else if (error != CommandValidator.OK) {
            refuse(context, parsed, error);
        } else if (parsed.payload() > 0) {
            payload = buffers.take((int) parsed.payload());
            payloadFilled = 0;
        } else {
            run(context, command, null);
        }
    }

    private void run(ChannelHandlerContext context, @Nullable NbdCommand command, byte @Nullable [] data) {
        switch (command) {
            case NbdCommand.Read read -> read(context, read);
            case NbdCommand.Write write -> write(context, write, data == null ? new byte[0] : data);
            case NbdCommand.Flush flush ->
                later(context, flush.cookie(), 0, 0, () -> export.device().flush());
            case NbdCommand.Trim trim ->
                later(context, trim.cookie(), trim.offset(), 0, () -> {
                    export.device().trim(trim.offset(), trim.length());
                    flushIf(trim.fua());
                });
            case NbdCommand.WriteZeroes zeroes ->
                later(context, zeroes.cookie(), zeroes.offset(), 0, () -> {
                    export.device().writeZeroes(zeroes.offset(), zeroes.length());
                    flushIf(zeroes.fua());
                });
            case NbdCommand.Cache cache -> later(context, cache.cookie(), cache.offset(), 0, () -> {});
            case NbdCommand.BlockStatus status -> blockStatus(context, status);
            case NbdCommand.Disconnect disconnect -> {
                ending = true;
                endWhenIdle(context);
            }
            case null -> throw new IllegalStateException("a refused command was run");
        }
    }

    private void read(ChannelHandlerContext context, NbdCommand.Read read) {
        int length = (int) read.length();
        byte[] data = buffers.take(length);
        try {
            if (export.device().readNow(read.offset(), data, 0, length)) {
                answerRead(context, read, data);
                return;
            }
        } catch (IOException e) {
            buffers.giveBack(data);
            failed(context, read.cookie(), read.offset(), e);
            return;
        }
        begun(length);
        workers.execute(() -> {
            IOException outcome = attempt(() -> export.device().read(read.offset(), data, 0, length));
            context.executor().execute(() -> {
                if (outcome == null) {
                    answerRead(context, read, data);
                } else {
                    buffers.giveBack(data);
                    failed(context, read.cookie(), read.offset(), outcome);
                }
                context.flush();
                ended(context, length);
            });
        });
    }

    private void answerRead(ChannelHandlerContext context, NbdCommand.Read read, byte[] data) {
        // a native copy here, since the transport would make one anyway; so the array is free again at once
        ByteBuf reply = context.alloc().directBuffer(40 + (int) read.length());
        Replies.readHead(reply, session, read);
        reply.writeBytes(data, 0, (int) read.length());
        buffers.giveBack(data);
        context.write(reply, context.voidPromise());
    }

    private void write(ChannelHandlerContext context, NbdCommand.Write write, byte[] data) {
        int length = (int) write.length();
        if (!write.fua()) {
            try {
                if (export.device().writeNow(write.offset(), data, 0, length)) {
                    buffers.giveBack(data);
                    context.write(
                            Replies.success(context.alloc(), session, write.cookie(), write.offset()),
                            context.voidPromise());
                    return;
                }
            } catch (IOException e) {
                buffers.giveBack(data);
                failed(context, write.cookie(), write.offset(), e);
                return;
            }
        }
        later(context, write.cookie(), write.offset(), length, () -> {
            export.device().write(write.offset(), data, 0, length);
            flushIf(write.fua());
        });
    }

    private void flushIf(boolean fua) throws IOException {
        if (fua) {
            export.device().flush();
        }
    }

    private void blockStatus(ChannelHandlerContext context, NbdCommand.BlockStatus status) {
        begun(0);
        workers.execute(() -> {
            List<Extent> extents = new ArrayList<>();
            IOException outcome = attempt(() -> collect(status, extents));
            context.executor().execute(() -> {
                if (outcome == null) {
                    context.write(
                            Replies.blockStatus(context.alloc(), session, status, extents), context.voidPromise());
                } else {
                    failed(context, status.cookie(), status.offset(), outcome);
                }
                context.flush();
                ended(context, 0);
            });
        });
    }

    private void collect(NbdCommand.BlockStatus status, List<Extent> extents) throws IOException {
        BlockDevice device = export.device();
        long at = status.offset();
        long end = at + status.length();
        while (at < end && extents.size() < (status.one() ? 1 : MAX_EXTENTS)) {
            Extent extent = device.extent(at, end - at);
            Extent last = extents.isEmpty() ? null : extents.getLast();
            if (last != null && last.hole() == extent.hole()) {
                extents.set(extents.size() - 1, new Extent(last.length() + extent.length(), last.hole()));
            } else {
                extents.add(extent);
            }
            at += extent.length();
        }
    }

    /** Runs what may wait for the disk on the workers, and answers with success or EIO. */
    private void later(ChannelHandlerContext context, long cookie, long offset, int bytes, DiskAction action) {
        begun(bytes);
        workers.execute(() -> {
            IOException outcome = attempt(action);
            context.executor().execute(() -> {
                if (outcome == null) {
                    context.write(Replies.success(context.alloc(), session, cookie, offset), context.voidPromise());
                } else {
                    failed(context, cookie, offset, outcome);
                }
                context.flush();
                ended(context, bytes);
            });
        });
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

    private void refuse(ChannelHandlerContext context, RequestHeader.Parsed parsed, int error) {
        context.write(
                Replies.error(context.alloc(), session, parsed.cookie(), parsed.offset(), error),
                context.voidPromise());
    }

    private void failed(ChannelHandlerContext context, long cookie, long offset, IOException cause) {
        LOG.error("I/O error on export '{}' at byte {}: {}", export.name(), offset, cause.toString());
        int error = noSpace(cause) ? Nbd.ENOSPC : Nbd.EIO;
        context.write(Replies.error(context.alloc(), session, cookie, offset, error), context.voidPromise());
    }

    private static boolean noSpace(IOException cause) {
        String message = cause.getMessage();
        return message != null && message.contains("No space left on device");
    }

    private RequestHeader.Parsed current() {
        if (current == null) {
            throw new IllegalStateException("no request is under way");
        }
        return current;
    }

    private void begun(long bytes) {
        inFlight += bytes + 1;
        membership.begin();
    }

    private void ended(ChannelHandlerContext context, long bytes) {
        inFlight -= bytes + 1;
        membership.end();
        process(context);
        if (ending) {
            endWhenIdle(context);
        }
    }

    private void endWhenIdle(ChannelHandlerContext context) {
        if (inFlight == 0) {
            context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
    }

    private void throttle(ChannelHandlerContext context) {
        boolean read = waiting.isEmpty();
        if (context.channel().config().isAutoRead() != read) {
            context.channel().config().setAutoRead(read);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        context.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (context.channel().isWritable()) {
            context.executor().execute(() -> {
                process(context);
                context.flush();
            });
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        ending = true;
        membership.leave();
        waiting.forEach(ByteBuf::release);
        waiting.clear();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (!(cause instanceof IOException)) {
            LOG.error("connection of export '{}' closed after an internal error", export.name(), cause);
        }
        context.close();
    }

    private interface DiskAction {
        void run() throws IOException;
    }
}

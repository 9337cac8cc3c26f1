package dev.sallyport.volume.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection's requests: parsed, validated, and given to its {@link Execution} as long as their answers find room.
 *
 * <pre>
 *   HEADER ──▶ (a write) PAYLOAD, piece by piece ──▶ HEADER
 *      └──────▶ (refused) DISCARD ────────────────────▶┘
 * </pre>
 */
final class Transmission extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(Transmission.class);

    /** What a connection is told. */
    enum Event {
        /** The server is about to close. Later requests are refused; when those under way are answered, it ends. */
        SHUTDOWN
    }

    private final Serving serving;
    private final Session session;
    private final Connections.Member membership;
    private final Deque<ByteBuf> waiting = new ArrayDeque<>();
    private final ByteBuf header = Unpooled.buffer(32, 32);

    @SuppressWarnings("NullAway.Init") // handlerAdded comes before any other event
    private Flow flow;

    @SuppressWarnings("NullAway.Init") // as above
    private Execution execution;

    private RequestHeader.@Nullable Parsed refused;
    private @Nullable IncomingWrite incoming;
    private byte @Nullable [] piece;
    private int pieceLength;
    private int pieceFilled;
    private long discard;
    private int discardError;
    private boolean shutdown;

    Transmission(Serving serving, Session session, Connections.Member membership) {
        this.serving = serving;
        this.session = session;
        this.membership = membership;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        flow = new Flow(context, serving, session, membership, () -> process(context));
        execution = new Execution(serving.export().device(), flow);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        waiting.add((ByteBuf) message);
        process(context);
    }

    /** Takes requests as long as their answers find room; a few bytes of requests may ask for gigabytes. */
    private void process(ChannelHandlerContext context) {
        try {
            while (!flow.ending() && execution.ready()) {
                if (execution.continueRead()) {
                    continue;
                }
                ByteBuf in = waiting.peek();
                if (in == null) {
                    break;
                }
                if (in.isReadable()) {
                    step(in);
                } else {
                    waiting.remove().release();
                }
            }
        } catch (RequestHeader.ProtocolException e) {
            flow.abort();
        }
        if (flow.ending()) {
            drop();
        }
        if (shutdown && !flow.ending() && execution.idle()) {
            flow.end();
        }
        throttle(context);
    }

    private void step(ByteBuf in) throws RequestHeader.ProtocolException {
        if (discard > 0) {
            int skipped = (int) Math.min(discard, in.readableBytes());
            in.skipBytes(skipped);
            discard -= skipped;
            if (discard == 0 && refused != null) {
                flow.refuse(refused.cookie(), refused.offset(), discardError);
                refused = null;
            }
        } else if (incoming != null) {
            payload(in, incoming);
        } else {
            int size = RequestHeader.size(session);
            header.writeBytes(in, Math.min(size - header.writerIndex(), in.readableBytes()));
            if (header.writerIndex() == size) {
                RequestHeader.Parsed parsed = RequestHeader.parse(header, session);
                header.clear();
                begin(parsed);
            }
        }
    }

    private void payload(ByteBuf in, IncomingWrite write) {
        byte[] target = piece;
        if (target == null) {
            pieceLength = write.nextPiece();
            pieceFilled = 0;
            target = Buffers.ofThread().take(pieceLength);
            piece = target;
        }
        int part = Math.min(pieceLength - pieceFilled, in.readableBytes());
        in.readBytes(target, pieceFilled, part);
        pieceFilled += part;
        if (pieceFilled == pieceLength) {
            piece = null;
            if (write.isLast(pieceLength)) {
                incoming = null;
            }
            write.write(target, pieceLength);
        }
    }

    private void begin(RequestHeader.Parsed parsed) {
        NbdCommand command = parsed.command();
        int error = command == null ? Nbd.EINVAL : CommandValidator.validate(command, serving.export(), session);
        if (shutdown && !(command instanceof NbdCommand.Disconnect)) {
            error = Nbd.ESHUTDOWN;
        }
        if (parsed.payload() > 0 && (error != CommandValidator.OK || !(command instanceof NbdCommand.Write))) {
            refused = parsed;
            discard = parsed.payload();
            discardError = error == CommandValidator.OK ? Nbd.EINVAL : error;
        } else if (error != CommandValidator.OK || command == null) {
            flow.refuse(parsed.cookie(), parsed.offset(), error);
        } else if (command instanceof NbdCommand.Write write) {
            incoming = execution.incoming(write);
        } else {
            execution.run(command);
        }
    }

    private void throttle(ChannelHandlerContext context) {
        boolean read = waiting.isEmpty();
        if (context.channel().config().isAutoRead() != read) {
            context.channel().config().setAutoRead(read);
        }
    }

    private void drop() {
        waiting.forEach(ByteBuf::release);
        waiting.clear();
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
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event == Event.SHUTDOWN) {
            shutdown = true;
            process(context);
            context.flush();
        } else {
            context.fireUserEventTriggered(event);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        execution.gone();
        membership.leave();
        drop();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (!(cause instanceof IOException)) {
            LOG.error(
                    "connection of export '{}' closed after an internal error",
                    serving.export().name(),
                    cause);
        }
        context.close();
    }
}

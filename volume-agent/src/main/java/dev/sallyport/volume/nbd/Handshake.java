package dev.sallyport.volume.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslContext;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The fixed newstyle handshake.
 *
 * <pre>
 *   greeting ─▶ client flags ─▶ option ─▶ option ─▶ … ─▶ GO or EXPORT_NAME ─▶ transmission
 *                                  │        ▲
 *                                  └STARTTLS┘ (all agreed before is forgotten)
 * </pre>
 *
 * @see <a href="https://github.com/NetworkBlockDevice/nbd/blob/master/doc/proto.md#fixed-newstyle-negotiation">NBD: fixed newstyle negotiation</a>
 */
final class Handshake extends ByteToMessageDecoder {
    private static final int MAX_OPTIONS = 1024;

    /** In which a client is through, TLS included: connections are few, and none may be held for nothing. */
    private static final int PATIENCE_SECONDS = 60;

    private final Export export;
    private final @Nullable SslContext tls;
    private final BiConsumer<ChannelHandlerContext, Session> established;
    private final Session session = new Session();
    private boolean flagsRead;
    private boolean over;
    private boolean handedOver;
    private int options;
    private @Nullable ScheduledFuture<?> deadline;

    /**
     * @param tls null where TLS is not offered; else it is required before any export is named
     * @param established called when the client may send commands; replaces this handler
     */
    Handshake(Export export, @Nullable SslContext tls, BiConsumer<ChannelHandlerContext, Session> established) {
        this.export = export;
        this.tls = tls;
        this.established = established;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        ByteBuf greeting = context.alloc().buffer(18);
        greeting.writeLong(Nbd.MAGIC).writeLong(Nbd.OPTION_MAGIC).writeShort(Nbd.FIXED_NEWSTYLE | Nbd.NO_ZEROES);
        context.writeAndFlush(greeting);
        deadline = context.executor().schedule(() -> end(context), PATIENCE_SECONDS, TimeUnit.SECONDS);
        context.fireChannelActive();
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext context) {
        if (deadline != null) {
            deadline.cancel(false);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        if (deadline != null) {
            deadline.cancel(false);
        }
        super.channelInactive(context);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        if (event == Transmission.Event.SHUTDOWN) {
            context.close();
        } else {
            super.userEventTriggered(context, event);
        }
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (handedOver) {
            return; // what is left is the next handler's
        }
        if (over) {
            in.skipBytes(in.readableBytes());
            return;
        }
        if (!flagsRead) {
            readFlags(context, in);
            return;
        }
        if (in.readableBytes() < 16) {
            return;
        }
        int at = in.readerIndex();
        if (in.getLong(at) != Nbd.OPTION_MAGIC) {
            end(context);
            return;
        }
        int option = in.getInt(at + 8);
        long length = in.getUnsignedInt(at + 12);
        if (length > Nbd.MAX_OPTION || ++options > MAX_OPTIONS) {
            reply(context, option, Nbd.REP_ERR_TOO_BIG, "");
            end(context);
            return;
        }
        if (in.readableBytes() < 16 + length) {
            options--;
            return;
        }
        in.skipBytes(16);
        ByteBuf data = in.readSlice((int) length);
        try {
            option(context, option, data);
        } catch (MalformedOptionException e) {
            reply(context, option, Nbd.REP_ERR_INVALID, "the option's data is malformed");
        }
    }

    private void readFlags(ChannelHandlerContext context, ByteBuf in) {
        if (in.readableBytes() < 4) {
            return;
        }
        int flags = in.readInt();
        session.noZeroes = (flags & Nbd.NO_ZEROES) != 0;
        flagsRead = true;
        if ((flags & ~(Nbd.FIXED_NEWSTYLE | Nbd.NO_ZEROES)) != 0) {
            end(context);
        }
    }

    private void option(ChannelHandlerContext context, int option, ByteBuf data) throws MalformedOptionException {
        if (tls != null && !session.tls && option != Nbd.OPT_STARTTLS && option != Nbd.OPT_ABORT) {
            if (option == Nbd.OPT_EXPORT_NAME) {
                end(context); // this option has no error reply
            } else {
                reply(context, option, Nbd.REP_ERR_TLS_REQD, "this server requires TLS");
            }
            return;
        }
        switch (option) {
            case Nbd.OPT_EXPORT_NAME -> exportName(context, data);
            case Nbd.OPT_ABORT -> {
                reply(context, option, Nbd.REP_ACK, "");
                end(context);
            }
            case Nbd.OPT_LIST -> {
                requireEmpty(data);
                list(context);
            }
            case Nbd.OPT_STARTTLS -> {
                requireEmpty(data);
                startTls(context);
            }
            case Nbd.OPT_INFO, Nbd.OPT_GO -> info(context, option, data);
            case Nbd.OPT_STRUCTURED_REPLY -> {
                requireEmpty(data);
                if (session.extendedHeaders) {
                    reply(context, option, Nbd.REP_ERR_EXT_HEADER_REQD, "extended headers are on already");
                } else {
                    session.structuredReplies = true;
                    reply(context, option, Nbd.REP_ACK, "");
                }
            }
            case Nbd.OPT_EXTENDED_HEADERS -> {
                requireEmpty(data);
                session.structuredReplies = true;
                session.extendedHeaders = true;
                reply(context, option, Nbd.REP_ACK, "");
            }
            case Nbd.OPT_LIST_META_CONTEXT, Nbd.OPT_SET_META_CONTEXT -> metaContext(context, option, data);
            default -> reply(context, option, Nbd.REP_ERR_UNSUP, "");
        }
    }

    private void exportName(ChannelHandlerContext context, ByteBuf data) {
        String name;
        try {
            name = string(data, data.readableBytes());
        } catch (MalformedOptionException e) {
            end(context); // this option has no error reply
            return;
        }
        if (!known(name) || session.extendedHeaders) {
            end(context);
            return;
        }
        ByteBuf answer = context.alloc().buffer(134);
        answer.writeLong(export.device().size()).writeShort(export.transmissionFlags(session));
        if (!session.noZeroes) {
            answer.writeZero(124);
        }
        context.writeAndFlush(answer);
        establish(context, name);
    }

    private void establish(ChannelHandlerContext context, String name) {
        session.baseAllocation &= name.equals(session.contextExport);
        handedOver = true;
        established.accept(context, session);
    }

    private void list(ChannelHandlerContext context) {
        byte[] name = export.name().getBytes(StandardCharsets.UTF_8);
        ByteBuf body = context.alloc().buffer();
        body.writeInt(name.length).writeBytes(name).writeCharSequence(export.description(), StandardCharsets.UTF_8);
        reply(context, Nbd.OPT_LIST, Nbd.REP_SERVER, body);
        reply(context, Nbd.OPT_LIST, Nbd.REP_ACK, "");
    }

    private void startTls(ChannelHandlerContext context) {
        if (tls == null) {
            reply(context, Nbd.OPT_STARTTLS, Nbd.REP_ERR_POLICY, "TLS is not configured");
        } else if (session.tls) {
            reply(context, Nbd.OPT_STARTTLS, Nbd.REP_ERR_INVALID, "TLS is on already");
        } else if (actualReadableBytes() > 0) {
            end(context); // bytes in the clear behind STARTTLS would be an injection
        } else {
            reply(context, Nbd.OPT_STARTTLS, Nbd.REP_ACK, "");
            session.reset();
            session.tls = true;
            context.pipeline().addFirst("tls", tls.newHandler(context.alloc()));
        }
    }

    private void info(ChannelHandlerContext context, int option, ByteBuf data) throws MalformedOptionException {
        String name = string(data, length(data));
        if (data.readableBytes() < 2) {
            throw new MalformedOptionException();
        }
        int count = data.readUnsignedShort();
        if (data.readableBytes() != count * 2) {
            throw new MalformedOptionException();
        }
        if (!known(name)) {
            reply(context, option, Nbd.REP_ERR_UNKNOWN, "no such export");
            return;
        }
        boolean wantsName = false;
        boolean wantsDescription = false;
        for (int i = 0; i < count; i++) {
            int wanted = data.readUnsignedShort();
            wantsName |= wanted == Nbd.INFO_NAME;
            wantsDescription |= wanted == Nbd.INFO_DESCRIPTION;
        }
        ByteBuf basics = context.alloc().buffer(12);
        basics.writeShort(Nbd.INFO_EXPORT)
                .writeLong(export.device().size())
                .writeShort(export.transmissionFlags(session));
        reply(context, option, Nbd.REP_INFO, basics);
        ByteBuf sizes = context.alloc().buffer(14);
        sizes.writeShort(Nbd.INFO_BLOCK_SIZE)
                .writeInt(1)
                .writeInt(Math.max(4096, export.device().sectorSize()))
                .writeInt(Nbd.MAX_PAYLOAD);
        reply(context, option, Nbd.REP_INFO, sizes);
        if (wantsName) {
            text(context, option, Nbd.INFO_NAME, export.name());
        }
        if (wantsDescription) {
            text(context, option, Nbd.INFO_DESCRIPTION, export.description());
        }
        reply(context, option, Nbd.REP_ACK, "");
        if (option == Nbd.OPT_GO) {
            establish(context, name);
        }
    }

    private void metaContext(ChannelHandlerContext context, int option, ByteBuf data) throws MalformedOptionException {
        boolean set = option == Nbd.OPT_SET_META_CONTEXT;
        if (set) {
            session.baseAllocation = false; // whatever becomes of this one, it replaces the one before
        }
        String name = string(data, length(data));
        long count = length(data);
        boolean matched = count == 0 && !set;
        for (long i = 0; i < count; i++) {
            String query = string(data, length(data));
            matched |= query.equals(Nbd.BASE_ALLOCATION) || (!set && query.equals("base:"));
        }
        requireEmpty(data);
        if (!session.structuredReplies) {
            reply(context, option, Nbd.REP_ERR_INVALID, "structured replies come first");
            return;
        }
        if (!known(name)) {
            reply(context, option, Nbd.REP_ERR_UNKNOWN, "no such export");
            return;
        }
        if (set) {
            session.baseAllocation = matched;
            session.contextExport = name;
        }
        if (matched) {
            ByteBuf answer = context.alloc().buffer();
            answer.writeInt(set ? Nbd.BASE_ALLOCATION_ID : 0)
                    .writeCharSequence(Nbd.BASE_ALLOCATION, StandardCharsets.US_ASCII);
            reply(context, option, Nbd.REP_META_CONTEXT, answer);
        }
        reply(context, option, Nbd.REP_ACK, "");
    }

    private boolean known(String name) {
        return name.isEmpty() || name.equals(export.name());
    }

    private static long length(ByteBuf data) throws MalformedOptionException {
        if (data.readableBytes() < 4) {
            throw new MalformedOptionException();
        }
        return data.readUnsignedInt();
    }

    private static String string(ByteBuf data, long length) throws MalformedOptionException {
        if (length > data.readableBytes() || length > Nbd.MAX_STRING) {
            throw new MalformedOptionException();
        }
        byte[] bytes = new byte[(int) length];
        data.readBytes(bytes);
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new MalformedOptionException();
        }
        if (text.indexOf('\0') >= 0) {
            throw new MalformedOptionException();
        }
        return text;
    }

    private static void requireEmpty(ByteBuf data) throws MalformedOptionException {
        if (data.isReadable()) {
            throw new MalformedOptionException();
        }
    }

    private static void text(ChannelHandlerContext context, int option, int kind, String text) {
        ByteBuf body = context.alloc().buffer();
        body.writeShort(kind).writeCharSequence(text, StandardCharsets.UTF_8);
        reply(context, option, Nbd.REP_INFO, body);
    }

    private static void reply(ChannelHandlerContext context, int option, int type, String text) {
        ByteBuf body = context.alloc().buffer();
        body.writeCharSequence(text, StandardCharsets.UTF_8);
        reply(context, option, type, body);
    }

    private static void reply(ChannelHandlerContext context, int option, int type, ByteBuf body) {
        ByteBuf head = context.alloc().buffer(20);
        head.writeLong(Nbd.OPTION_REPLY_MAGIC).writeInt(option).writeInt(type).writeInt(body.readableBytes());
        context.write(head);
        context.writeAndFlush(body);
    }

    private void end(ChannelHandlerContext context) {
        over = true;
        context.writeAndFlush(context.alloc().buffer(0)).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }

    private static final class MalformedOptionException extends Exception {
        private static final long serialVersionUID = 1L;

        MalformedOptionException() {
            super(null, null, false, false);
        }
    }
}

package dev.sallyport.volume.nbd;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Parses the fixed part of a request, 28 bytes, or 32 with extended headers.
 *
 * <pre>
 *   magic u32 ‖ flags u16 ‖ type u16 ‖ cookie u64 ‖ offset u64 ‖ length u32 (u64)
 * </pre>
 */
final class RequestHeader {
    private RequestHeader() {}

    static int size(Session session) {
        return session.extendedHeaders ? 32 : 28;
    }

    /** The request; see {@link Parsed#command()} for one that is answered with EINVAL. */
    static Parsed parse(ByteBuf header, Session session) throws ProtocolException {
        int magic = header.readInt();
        if (magic != (session.extendedHeaders ? Nbd.EXTENDED_REQUEST_MAGIC : Nbd.REQUEST_MAGIC)) {
            throw new ProtocolException();
        }
        int flags = header.readUnsignedShort();
        int type = header.readUnsignedShort();
        long cookie = header.readLong();
        long offset = header.readLong();
        long length = session.extendedHeaders ? header.readLong() : header.readUnsignedInt();
        // with extended headers PAYLOAD_LEN says that `length` bytes follow; a write must set it
        boolean payloadLength = session.extendedHeaders && (flags & Nbd.FLAG_PAYLOAD_LEN) != 0;
        long payload = type == Nbd.CMD_WRITE || payloadLength ? length : 0;
        if (payload < 0 || payload > Nbd.MAX_PAYLOAD) {
            throw new ProtocolException(); // too much to drain: the protocol lets a server hang up
        }
        return new Parsed(cookie, offset, payload, command(flags, type, cookie, offset, length, session));
    }

    private static @Nullable NbdCommand command(
            int flags, int type, long cookie, long offset, long length, Session session) {
        boolean fua = (flags & Nbd.FLAG_FUA) != 0;
        return switch (type) {
            case Nbd.CMD_READ -> {
                int more = session.structuredReplies ? Nbd.FLAG_DF : 0;
                yield allowed(flags, Nbd.FLAG_FUA | more)
                        ? new NbdCommand.Read(cookie, offset, length, (flags & Nbd.FLAG_DF) != 0)
                        : null;
            }
            case Nbd.CMD_WRITE -> {
                int more = session.extendedHeaders ? Nbd.FLAG_PAYLOAD_LEN : 0;
                boolean complete = !session.extendedHeaders || (flags & Nbd.FLAG_PAYLOAD_LEN) != 0;
                yield allowed(flags, Nbd.FLAG_FUA | more) && complete
                        ? new NbdCommand.Write(cookie, offset, length, fua)
                        : null;
            }
            case Nbd.CMD_DISC -> new NbdCommand.Disconnect(cookie);
            case Nbd.CMD_FLUSH ->
                allowed(flags, Nbd.FLAG_FUA) && offset == 0 && length == 0 ? new NbdCommand.Flush(cookie) : null;
            case Nbd.CMD_TRIM -> allowed(flags, Nbd.FLAG_FUA) ? new NbdCommand.Trim(cookie, offset, length, fua) : null;
            case Nbd.CMD_CACHE -> allowed(flags, Nbd.FLAG_FUA) ? new NbdCommand.Cache(cookie, offset, length) : null;
            case Nbd.CMD_WRITE_ZEROES ->
                allowed(flags, Nbd.FLAG_FUA | Nbd.FLAG_NO_HOLE | Nbd.FLAG_FAST_ZERO)
                        ? new NbdCommand.WriteZeroes(cookie, offset, length, fua, (flags & Nbd.FLAG_FAST_ZERO) != 0)
                        : null;
            case Nbd.CMD_BLOCK_STATUS ->
                allowed(flags, Nbd.FLAG_REQ_ONE | Nbd.FLAG_FUA)
                        ? new NbdCommand.BlockStatus(cookie, offset, length, (flags & Nbd.FLAG_REQ_ONE) != 0)
                        : null;
            default -> null;
        };
    }

    private static boolean allowed(int flags, int mask) {
        return (flags & ~mask) == 0;
    }

    /**
     * A parsed header.
     *
     * @param payload bytes that follow it
     * @param command null when flags or type are unknown, or do not go together: EINVAL
     */
    record Parsed(
            long cookie,
            long offset,
            long payload,
            @Nullable NbdCommand command) {}

    /** The stream cannot be followed any further: hang up. */
    static final class ProtocolException extends Exception {
        private static final long serialVersionUID = 1L;

        ProtocolException() {
            super(null, null, false, false);
        }
    }
}

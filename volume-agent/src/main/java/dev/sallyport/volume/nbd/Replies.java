package dev.sallyport.volume.nbd;

import dev.sallyport.volume.device.BlockDevice;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;

/** Writes replies in the form that the session agreed on: simple, structured or extended. */
final class Replies {
    private Replies() {}

    /** What precedes the {@code length} bytes of a successful read. */
    static void readHead(ByteBuf out, Session session, NbdCommand.Read read) {
        if (session.structuredReplies) {
            fragmentHead(out, session, read, read.offset(), (int) read.length(), true);
        } else {
            out.writeInt(Nbd.SIMPLE_REPLY_MAGIC).writeInt(0).writeLong(read.cookie());
        }
    }

    /** What precedes one of several fragments of a read: {@code length} bytes at {@code position}. */
    static void fragmentHead(
            ByteBuf out, Session session, NbdCommand.Read read, long position, int length, boolean last) {
        int flags = last ? Nbd.REPLY_FLAG_DONE : 0;
        if (session.extendedHeaders) {
            extended(out, flags, Nbd.REPLY_OFFSET_DATA, read.cookie(), read.offset(), length + 8L);
        } else {
            structured(out, flags, Nbd.REPLY_OFFSET_DATA, read.cookie(), length + 8);
        }
        out.writeLong(position);
    }

    static ByteBuf success(ByteBufAllocator alloc, Session session, long cookie, long offset) {
        ByteBuf reply = alloc.buffer(32);
        if (session.extendedHeaders) {
            extended(reply, Nbd.REPLY_NONE, cookie, offset, 0);
            return reply;
        }
        return reply.writeInt(Nbd.SIMPLE_REPLY_MAGIC).writeInt(0).writeLong(cookie);
    }

    static ByteBuf error(ByteBufAllocator alloc, Session session, long cookie, long offset, int error) {
        ByteBuf reply = alloc.buffer(38);
        if (session.extendedHeaders) {
            extended(reply, Nbd.REPLY_ERROR, cookie, offset, 6);
            return reply.writeInt(error).writeShort(0);
        }
        if (session.structuredReplies) {
            structured(reply, Nbd.REPLY_ERROR, cookie, 6);
            return reply.writeInt(error).writeShort(0);
        }
        return reply.writeInt(Nbd.SIMPLE_REPLY_MAGIC).writeInt(error).writeLong(cookie);
    }

    static ByteBuf blockStatus(
            ByteBufAllocator alloc, Session session, NbdCommand.BlockStatus status, List<BlockDevice.Extent> extents) {
        ByteBuf reply = alloc.buffer(40 + extents.size() * 16);
        if (session.extendedHeaders) {
            extended(reply, Nbd.REPLY_BLOCK_STATUS_EXT, status.cookie(), status.offset(), 8 + 16L * extents.size());
            reply.writeInt(Nbd.BASE_ALLOCATION_ID).writeInt(extents.size());
            for (BlockDevice.Extent extent : extents) {
                reply.writeLong(extent.length()).writeLong(extent.hole() ? Nbd.STATE_HOLE : 0);
            }
            return reply;
        }
        structured(reply, Nbd.REPLY_BLOCK_STATUS, status.cookie(), 4 + 8 * extents.size());
        reply.writeInt(Nbd.BASE_ALLOCATION_ID);
        for (BlockDevice.Extent extent : extents) {
            reply.writeInt((int) extent.length()).writeInt(extent.hole() ? Nbd.STATE_HOLE : 0);
        }
        return reply;
    }

    private static void structured(ByteBuf out, int type, long cookie, int length) {
        structured(out, Nbd.REPLY_FLAG_DONE, type, cookie, length);
    }

    private static void structured(ByteBuf out, int flags, int type, long cookie, int length) {
        out.writeInt(Nbd.STRUCTURED_REPLY_MAGIC)
                .writeShort(flags)
                .writeShort(type)
                .writeLong(cookie)
                .writeInt(length);
    }

    private static void extended(ByteBuf out, int type, long cookie, long offset, long length) {
        extended(out, Nbd.REPLY_FLAG_DONE, type, cookie, offset, length);
    }

    private static void extended(ByteBuf out, int flags, int type, long cookie, long offset, long length) {
        out.writeInt(Nbd.EXTENDED_REPLY_MAGIC)
                .writeShort(flags)
                .writeShort(type)
                .writeLong(cookie)
                .writeLong(offset)
                .writeLong(length);
    }
}

package dev.sallyport.volume.nbd.client;

import dev.sallyport.volume.nbd.Nbd;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The client's side of the fixed newstyle handshake: TLS where it is wanted, then extended headers or structured replies,
 * {@code base:allocation}, and GO.
 *
 * @see <a href="https://github.com/NetworkBlockDevice/nbd/blob/master/doc/proto.md#fixed-newstyle-negotiation">NBD: fixed newstyle negotiation</a>
 */
final class ClientHandshake {
    private static final int MAX_REPLY = 64 * 1024;
    private static final int MAX_REPLIES = 1024;

    private final Connection connection;

    ClientHandshake(Connection connection) {
        this.connection = connection;
    }

    /**
     * What was agreed on.
     *
     * @param size of the export in bytes
     * @param flags the transmission flags
     * @param maxPayload of a request, in bytes
     * @param allocationId the context id of {@code base:allocation}; -1 when the server has none
     */
    record Agreed(
            long size,
            int flags,
            int maxPayload,
            boolean structuredReplies,
            boolean extendedHeaders,
            int allocationId) {}

    Agreed run(NbdUri uri, boolean extended) throws IOException {
        DataInputStream in = connection.in();
        if (in.readLong() != Nbd.MAGIC || in.readLong() != Nbd.OPTION_MAGIC) {
            throw NbdException.protocol("the peer is no NBD server, or speaks only the old style");
        }
        int flags = in.readUnsignedShort();
        if ((flags & Nbd.FIXED_NEWSTYLE) == 0) {
            throw NbdException.protocol("the server does not speak the fixed newstyle");
        }
        connection.out().writeInt(flags & (Nbd.FIXED_NEWSTYLE | Nbd.NO_ZEROES));
        if (uri.tls()) {
            if (ask(Nbd.OPT_STARTTLS, new byte[0], (type, data) -> {}) != Nbd.REP_ACK) {
                throw NbdException.protocol("the server offers no TLS");
            }
            connection.startTls(String.valueOf(uri.host()), uri.certificates());
        }
        boolean extendedHeaders =
                extended && ask(Nbd.OPT_EXTENDED_HEADERS, new byte[0], (type, data) -> {}) == Nbd.REP_ACK;
        boolean structured =
                extendedHeaders || ask(Nbd.OPT_STRUCTURED_REPLY, new byte[0], (type, data) -> {}) == Nbd.REP_ACK;
        byte[] name = uri.export().getBytes(StandardCharsets.UTF_8);
        int allocationId = structured ? allocation(name) : -1;
        return go(name, structured, extendedHeaders, allocationId);
    }

    private int allocation(byte[] name) throws IOException {
        byte[] query = Nbd.BASE_ALLOCATION.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer data = ByteBuffer.allocate(12 + name.length + query.length);
        data.putInt(name.length).put(name).putInt(1).putInt(query.length).put(query);
        int[] id = {-1};
        int last = ask(Nbd.OPT_SET_META_CONTEXT, data.array(), (type, reply) -> {
            if (type == Nbd.REP_META_CONTEXT && reply.remaining() > 4) {
                int given = reply.getInt();
                if (StandardCharsets.UTF_8.decode(reply).toString().equals(Nbd.BASE_ALLOCATION)) {
                    id[0] = given;
                }
            }
        });
        return last == Nbd.REP_ACK ? id[0] : -1;
    }

    private Agreed go(byte[] name, boolean structured, boolean extendedHeaders, int allocationId) throws IOException {
        ByteBuffer data = ByteBuffer.allocate(8 + name.length);
        data.putInt(name.length).put(name).putShort((short) 1).putShort((short) Nbd.INFO_BLOCK_SIZE);
        long[] size = {-1};
        int[] rest = {0, Nbd.MAX_PAYLOAD};
        int last = ask(Nbd.OPT_GO, data.array(), (type, reply) -> {
            if (type != Nbd.REP_INFO || reply.remaining() < 2) {
                return;
            }
            int kind = reply.getShort();
            if (kind == Nbd.INFO_EXPORT && reply.remaining() == 10) {
                size[0] = reply.getLong();
                rest[0] = Short.toUnsignedInt(reply.getShort());
            } else if (kind == Nbd.INFO_BLOCK_SIZE && reply.remaining() == 12) {
                long largest = Integer.toUnsignedLong(reply.getInt(reply.position() + 8));
                rest[1] = Math.clamp(largest, 4096, Nbd.MAX_PAYLOAD);
            }
        });
        if (last != Nbd.REP_ACK) {
            throw NbdException.protocol(
                    last == Nbd.REP_ERR_UNKNOWN
                            ? "the server has no such export"
                            : last == Nbd.REP_ERR_TLS_REQD
                                    ? "the server requires TLS: use nbds://"
                                    : "the server refused the export, reply " + Integer.toHexString(last));
        }
        if (size[0] < 0 || (rest[0] & Nbd.HAS_FLAGS) == 0) {
            throw NbdException.protocol("the server did not say the export's size and flags");
        }
        return new Agreed(size[0], rest[0], rest[1], structured, extendedHeaders, allocationId);
    }

    private interface Informed {
        void reply(int type, ByteBuffer data);
    }

    /** Sends an option and returns the type of its last reply: an acknowledgement or an error. */
    private int ask(int option, byte[] data, Informed informed) throws IOException {
        DataOutputStream out = connection.out();
        out.writeLong(Nbd.OPTION_MAGIC);
        out.writeInt(option);
        out.writeInt(data.length);
        out.write(data);
        out.flush();
        DataInputStream in = connection.in();
        for (int replies = 0; replies < MAX_REPLIES; replies++) {
            long magic = in.readLong();
            int answered = in.readInt();
            int type = in.readInt();
            int length = in.readInt();
            if (magic != Nbd.OPTION_REPLY_MAGIC || answered != option || length < 0 || length > MAX_REPLY) {
                throw NbdException.protocol("the server's answer to an option is malformed");
            }
            byte[] body = in.readNBytes(length);
            if (body.length != length) {
                throw NbdException.protocol("the server hung up");
            }
            if (type == Nbd.REP_ACK || type < 0) {
                return type;
            }
            informed.reply(type, ByteBuffer.wrap(body));
        }
        throw NbdException.protocol("the server does not stop answering an option");
    }
}

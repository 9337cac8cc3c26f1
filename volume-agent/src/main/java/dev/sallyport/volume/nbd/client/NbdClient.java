package dev.sallyport.volume.nbd.client;

import dev.sallyport.volume.nbd.Nbd;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A connection to an export, one request at a time. Not safe for use by several threads: each has its own. After an
 * {@link IOException} that is no {@link NbdException} with an {@link NbdException#error()}, it is of no more use.
 */
public final class NbdClient implements AutoCloseable {
    private static final int MAX_MESSAGE = 4096;
    private static final int MAX_EXTENTS = 1 << 20;

    private final Connection connection;
    private final ClientHandshake.Agreed agreed;
    private long cookie;

    private NbdClient(Connection connection, ClientHandshake.Agreed agreed) {
        this.connection = connection;
        this.agreed = agreed;
    }

    /** A run of bytes: whether it is allocated, and whether it is known to read as zeros. */
    public record Extent(long length, boolean hole, boolean zero) {}

    /** Connects; extended headers are asked for and used where the server has them. */
    public static NbdClient connect(NbdUri uri) throws IOException {
        return connect(uri, true);
    }

    /** @param extendedHeaders whether to ask for them; structured replies are asked for in any case */
    public static NbdClient connect(NbdUri uri, boolean extendedHeaders) throws IOException {
        Connection connection = Connection.open(uri.address());
        try {
            return new NbdClient(connection, new ClientHandshake(connection).run(uri, extendedHeaders));
        } catch (EOFException e) {
            connection.close();
            throw NbdException.protocol("the server hung up during the handshake");
        } catch (IOException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    /** In bytes. */
    public long size() {
        return agreed.size();
    }

    public boolean readOnly() {
        return (agreed.flags() & Nbd.READ_ONLY) != 0;
    }

    public boolean canTrim() {
        return (agreed.flags() & Nbd.SEND_TRIM) != 0;
    }

    public boolean canWriteZeroes() {
        return (agreed.flags() & Nbd.SEND_WRITE_ZEROES) != 0;
    }

    /** Whether several connections see each other's writes and flushes. */
    public boolean multiConn() {
        return (agreed.flags() & Nbd.CAN_MULTI_CONN) != 0;
    }

    public boolean extendedHeaders() {
        return agreed.extendedHeaders();
    }

    /** Whether {@link #extents} tells holes from data. */
    public boolean knowsExtents() {
        return agreed.allocationId() != -1;
    }

    /** Bytes that one {@link #read} or {@link #write} takes at the most. */
    public int maxPayload() {
        return agreed.maxPayload();
    }

    public void read(long position, byte[] into, int offset, int length) throws IOException {
        request(Nbd.CMD_READ, 0, position, length, null, 0);
        Answer answer = new Answer("READ");
        answer.expectData(position, into, offset, length);
        answer.await();
    }

    /** @param durable whether it has reached the disk when this returns; only where the server can */
    public void write(long position, byte[] from, int offset, int length, boolean durable) throws IOException {
        int flags = (durable ? Nbd.FLAG_FUA : 0) | (agreed.extendedHeaders() ? Nbd.FLAG_PAYLOAD_LEN : 0);
        request(Nbd.CMD_WRITE, flags, position, length, from, offset);
        new Answer("WRITE").await();
    }

    public void writeZeroes(long position, long length) throws IOException {
        request(Nbd.CMD_WRITE_ZEROES, 0, position, length, null, 0);
        new Answer("WRITE_ZEROES").await();
    }

    public void trim(long position, long length) throws IOException {
        request(Nbd.CMD_TRIM, 0, position, length, null, 0);
        new Answer("TRIM").await();
    }

    /** Makes durable what was written; nothing happens where the server has no such command. */
    public void flush() throws IOException {
        if ((agreed.flags() & Nbd.SEND_FLUSH) != 0) {
            request(Nbd.CMD_FLUSH, 0, 0, 0, null, 0);
            new Answer("FLUSH").await();
        }
    }

    /** What lies at {@code position}: at least one run; together they may be shorter or longer than asked. */
    public List<Extent> extents(long position, long length) throws IOException {
        if (!knowsExtents()) {
            return List.of(new Extent(length, false, false));
        }
        long limited = agreed.extendedHeaders() ? length : Math.min(length, 1L << 31);
        request(Nbd.CMD_BLOCK_STATUS, 0, position, limited, null, 0);
        Answer answer = new Answer("BLOCK_STATUS");
        answer.await();
        if (answer.extents.isEmpty()) {
            throw NbdException.protocol("the server's block status is empty");
        }
        return answer.extents;
    }

    private void request(int command, int flags, long position, long length, byte @Nullable [] payload, int offset)
            throws IOException {
        DataOutputStream out = connection.out();
        out.writeInt(agreed.extendedHeaders() ? Nbd.EXTENDED_REQUEST_MAGIC : Nbd.REQUEST_MAGIC);
        out.writeShort(flags);
        out.writeShort(command);
        out.writeLong(++cookie);
        out.writeLong(position);
        if (agreed.extendedHeaders()) {
            out.writeLong(length);
        } else {
            out.writeInt(Math.toIntExact(length));
        }
        if (payload != null) {
            out.write(payload, offset, (int) length);
        }
        out.flush();
    }

    /** Ends the connection as the protocol asks, then closes it. */
    @Override
    public void close() throws IOException {
        try {
            request(Nbd.CMD_DISC, 0, 0, 0, null, 0);
        } catch (IOException e) {
            // the server has hung up first: what is left is to close
        } finally {
            connection.close();
        }
    }

    /** Reads the reply to the request that was just sent. */
    private final class Answer {
        private final String command;
        private final List<Extent> extents = new ArrayList<>();
        private byte @Nullable [] data;
        private long position;
        private int offset;
        private int length;
        private long missing;
        private int error;
        private String message = "";

        Answer(String command) {
            this.command = command;
        }

        void expectData(long position, byte[] into, int offset, int length) {
            this.data = into;
            this.position = position;
            this.offset = offset;
            this.length = length;
            this.missing = length;
        }

        void await() throws IOException {
            DataInputStream in = connection.in();
            boolean last;
            do {
                int magic = in.readInt();
                last = switch (magic) {
                    case Nbd.SIMPLE_REPLY_MAGIC -> simple(in);
                    case Nbd.STRUCTURED_REPLY_MAGIC -> chunk(in, false);
                    case Nbd.EXTENDED_REPLY_MAGIC -> chunk(in, true);
                    default -> throw NbdException.protocol("the server's reply is malformed");
                };
            } while (!last);
            if (error != 0) {
                throw NbdException.answered(command, error, message);
            }
            if (missing != 0) {
                throw NbdException.protocol("the server's reply lacks a part of the data");
            }
        }

        private boolean simple(DataInputStream in) throws IOException {
            error = in.readInt();
            requireCookie(in.readLong());
            if (agreed.extendedHeaders() || (data != null && agreed.structuredReplies())) {
                throw NbdException.protocol("the server's reply is of the wrong kind");
            }
            if (error == 0 && data != null) {
                in.readFully(data, offset, length);
                missing = 0;
            }
            return true;
        }

        private boolean chunk(DataInputStream in, boolean extended) throws IOException {
            int flags = in.readUnsignedShort();
            int type = in.readUnsignedShort();
            requireCookie(in.readLong());
            if (extended) {
                in.readLong();
            }
            long size = extended ? in.readLong() : Integer.toUnsignedLong(in.readInt());
            if (extended != agreed.extendedHeaders() || size < 0) {
                throw NbdException.protocol("the server's reply is of the wrong kind");
            }
            switch (type) {
                case Nbd.REPLY_NONE -> requireSize(size == 0);
                case Nbd.REPLY_OFFSET_DATA -> {
                    requireSize(size > 8);
                    in.readFully(dataArray(), place(in.readLong(), size - 8), (int) size - 8);
                }
                case Nbd.REPLY_OFFSET_HOLE -> {
                    requireSize(size == 12);
                    long at = in.readLong();
                    long zeros = Integer.toUnsignedLong(in.readInt());
                    int from = place(at, zeros);
                    java.util.Arrays.fill(dataArray(), from, from + (int) zeros, (byte) 0);
                }
                case Nbd.REPLY_BLOCK_STATUS, Nbd.REPLY_BLOCK_STATUS_EXT -> status(in, size, type);
                default -> error(in, type, size);
            }
            return (flags & Nbd.REPLY_FLAG_DONE) != 0;
        }

        private byte[] dataArray() throws NbdException {
            if (data == null) {
                throw NbdException.protocol("the server sent data that nobody asked for");
            }
            return data;
        }

        private int place(long at, long bytes) throws NbdException {
            if (at < position || bytes <= 0 || bytes > missing || at - position > length - bytes) {
                throw NbdException.protocol("the server sent data outside of what was asked for");
            }
            missing -= bytes;
            return offset + (int) (at - position);
        }

        private void status(DataInputStream in, long size, int type) throws IOException {
            boolean wide = type == Nbd.REPLY_BLOCK_STATUS_EXT;
            int entry = wide ? 16 : 8;
            long head = wide ? 8 : 4;
            requireSize(size > head && (size - head) % entry == 0 && (size - head) / entry <= MAX_EXTENTS);
            boolean wanted = in.readInt() == agreed.allocationId();
            if (wide) {
                in.readInt();
            }
            for (long i = 0; i < (size - head) / entry; i++) {
                long run = wide ? in.readLong() : Integer.toUnsignedLong(in.readInt());
                long state = wide ? in.readLong() : in.readInt();
                requireSize(run > 0);
                if (wanted) {
                    extents.add(new Extent(run, (state & Nbd.STATE_HOLE) != 0, (state & Nbd.STATE_ZERO) != 0));
                }
            }
        }

        private void error(DataInputStream in, int type, long size) throws IOException {
            if ((type & Nbd.REPLY_ERROR_BIT) == 0) {
                throw NbdException.protocol("the server's reply has an unknown type");
            }
            requireSize(size >= 6 && size <= 6 + MAX_MESSAGE + 8);
            error = in.readInt();
            int text = in.readUnsignedShort();
            requireSize(text <= size - 6 && error != 0);
            // a server's words are shown to people: nothing that moves a cursor
            message = new String(in.readNBytes(text), StandardCharsets.UTF_8).replaceAll("\\p{Cntrl}", "?");
            in.skipNBytes(size - 6 - text);
        }

        private void requireCookie(long answered) throws NbdException {
            if (answered != cookie) {
                throw NbdException.protocol("the server answered another request");
            }
        }

        private void requireSize(boolean right) throws NbdException {
            if (!right) {
                throw NbdException.protocol("the server's reply has a wrong length");
            }
        }
    }
}

package dev.sallyport.volume.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** Speaks the protocol byte by byte, also wrongly. */
final class RawNbd implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 20_000;

    private Socket socket;
    DataInputStream in;
    DataOutputStream out;
    boolean structured;
    boolean extended;

    RawNbd(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        streams();
    }

    /** One that has sent its client flags. */
    static RawNbd greeted(int port) throws IOException {
        RawNbd raw = new RawNbd(port);
        raw.greet(Nbd.FIXED_NEWSTYLE | Nbd.NO_ZEROES);
        return raw;
    }

    /** One in its transmission phase. */
    static RawNbd transmitting(int port, boolean structured, boolean extended) throws IOException {
        RawNbd raw = greeted(port);
        if (extended) {
            assertThat(raw.ask(Nbd.OPT_EXTENDED_HEADERS)).isEqualTo(Nbd.REP_ACK);
        } else if (structured) {
            assertThat(raw.ask(Nbd.OPT_STRUCTURED_REPLY)).isEqualTo(Nbd.REP_ACK);
        }
        raw.structured = structured || extended;
        raw.extended = extended;
        if (raw.structured) {
            assertThat(raw.ask(Nbd.OPT_SET_META_CONTEXT, contexts("", Nbd.BASE_ALLOCATION)))
                    .isEqualTo(Nbd.REP_ACK);
        }
        assertThat(raw.ask(Nbd.OPT_GO, info("", Nbd.INFO_BLOCK_SIZE))).isEqualTo(Nbd.REP_ACK);
        return raw;
    }

    private void streams() throws IOException {
        in = new DataInputStream(socket.getInputStream());
        out = new DataOutputStream(socket.getOutputStream());
    }

    void greet(int flags) throws IOException {
        assertThat(in.readLong()).isEqualTo(Nbd.MAGIC);
        assertThat(in.readLong()).isEqualTo(Nbd.OPTION_MAGIC);
        assertThat(in.readUnsignedShort()).isEqualTo(Nbd.FIXED_NEWSTYLE | Nbd.NO_ZEROES);
        out.writeInt(flags);
    }

    void startTls(SSLContext context) throws IOException {
        SSLSocket tls =
                (SSLSocket) context.getSocketFactory().createSocket(socket, "localhost", socket.getPort(), true);
        socket = tls;
        tls.startHandshake();
        streams();
    }

    /** @param data not to be changed */
    record OptionReply(int option, int type, ByteBuffer data) {
        String text(int from, int length) {
            return StandardCharsets.UTF_8.decode(data.slice(from, length)).toString();
        }
    }

    /** Sends an option with whatever data; returns its last reply's type. */
    int ask(int option, byte... data) throws IOException {
        return replies(option, data).getLast().type();
    }

    List<OptionReply> replies(int option, byte... data) throws IOException {
        option(option, data.length, data);
        List<OptionReply> all = new ArrayList<>();
        do {
            assertThat(in.readLong()).isEqualTo(Nbd.OPTION_REPLY_MAGIC);
            int answered = in.readInt();
            int type = in.readInt();
            all.add(new OptionReply(answered, type, ByteBuffer.wrap(in.readNBytes(in.readInt()))));
            assertThat(answered).isEqualTo(option);
        } while (all.getLast().type() > Nbd.REP_ACK);
        return all;
    }

    void option(int option, int length, byte... data) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(16 + data.length);
        head.putLong(Nbd.OPTION_MAGIC).putInt(option).putInt(length).put(data);
        out.write(head.array());
    }

    static byte[] info(String export, int... wanted) {
        byte[] name = export.getBytes(StandardCharsets.UTF_8);
        ByteBuffer data = ByteBuffer.allocate(6 + name.length + 2 * wanted.length);
        data.putInt(name.length).put(name).putShort((short) wanted.length);
        for (int one : wanted) {
            data.putShort((short) one);
        }
        return data.array();
    }

    static byte[] contexts(String export, String... queries) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream data = new DataOutputStream(bytes);
        text(data, export);
        data.writeInt(queries.length);
        for (String query : queries) {
            text(data, query);
        }
        return bytes.toByteArray();
    }

    private static void text(DataOutputStream data, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        data.writeInt(bytes.length);
        data.write(bytes);
    }

    /** Sends a request with whatever is given. */
    void request(int flags, int command, long cookie, long offset, long length, byte... payload) throws IOException {
        ByteBuffer head = ByteBuffer.allocate((extended ? 32 : 28) + payload.length);
        head.putInt(extended ? Nbd.EXTENDED_REQUEST_MAGIC : Nbd.REQUEST_MAGIC)
                .putShort((short) flags)
                .putShort((short) command)
                .putLong(cookie)
                .putLong(offset);
        if (extended) {
            head.putLong(length);
        } else {
            head.putInt((int) length);
        }
        out.write(head.put(payload).array());
    }

    /** A write, with the flag that extended headers want. */
    void write(int flags, long cookie, long offset, byte... payload) throws IOException {
        request(flags | (extended ? Nbd.FLAG_PAYLOAD_LEN : 0), Nbd.CMD_WRITE, cookie, offset, payload.length, payload);
    }

    /** An answer, put together from its chunks: the error (0 for none), the data by position, the runs of block status. */
    record Answer(long cookie, int error, Map<Long, byte[]> data, List<long[]> runs, int chunks) {
        byte[] bytes() {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            data.values().forEach(all::writeBytes);
            return all.toByteArray();
        }
    }

    /** Reads one answer. Chunks of other answers must not come between. */
    Answer answer(int simpleData) throws IOException {
        Map<Long, byte[]> data = new TreeMap<>();
        List<long[]> runs = new ArrayList<>();
        int error = 0;
        int chunks = 0;
        while (true) {
            int magic = in.readInt();
            if (magic == Nbd.SIMPLE_REPLY_MAGIC) {
                assertThat(extended).isFalse();
                error = in.readInt();
                long cookie = in.readLong();
                if (error == 0 && simpleData > 0) {
                    assertThat(structured).isFalse();
                    data.put(0L, in.readNBytes(simpleData));
                }
                return new Answer(cookie, error, data, runs, 1);
            }
            assertThat(magic).isEqualTo(extended ? Nbd.EXTENDED_REPLY_MAGIC : Nbd.STRUCTURED_REPLY_MAGIC);
            int flags = in.readUnsignedShort();
            int type = in.readUnsignedShort();
            long cookie = in.readLong();
            if (extended) {
                in.readLong();
            }
            int length = Math.toIntExact(extended ? in.readLong() : in.readInt());
            ByteBuffer body = ByteBuffer.wrap(in.readNBytes(length));
            chunks++;
            switch (type) {
                case Nbd.REPLY_NONE -> assertThat(length).isZero();
                case Nbd.REPLY_OFFSET_DATA -> {
                    long at = body.getLong();
                    byte[] part = new byte[body.remaining()];
                    body.get(part);
                    assertThat(data.put(at, part)).isNull();
                }
                case Nbd.REPLY_BLOCK_STATUS -> {
                    assertThat(extended).isFalse();
                    assertThat(body.getInt()).isEqualTo(Nbd.BASE_ALLOCATION_ID);
                    while (body.hasRemaining()) {
                        runs.add(new long[] {Integer.toUnsignedLong(body.getInt()), body.getInt()});
                    }
                }
                case Nbd.REPLY_BLOCK_STATUS_EXT -> {
                    assertThat(extended).isTrue();
                    assertThat(body.getInt()).isEqualTo(Nbd.BASE_ALLOCATION_ID);
                    assertThat(body.getInt()).isEqualTo(body.remaining() / 16);
                    while (body.hasRemaining()) {
                        runs.add(new long[] {body.getLong(), body.getLong()});
                    }
                }
                case Nbd.REPLY_ERROR -> error = body.getInt();
                default -> throw new AssertionError("chunk type " + type);
            }
            if ((flags & Nbd.REPLY_FLAG_DONE) != 0) {
                return new Answer(cookie, error, data, runs, chunks);
            }
        }
    }

    /** Sends a request and returns the error value of its answer. */
    int error(int flags, int command, long offset, long length, byte... payload) throws IOException {
        request(flags, command, 77, offset, length, payload);
        Answer answer = answer(command == Nbd.CMD_READ ? (int) length : 0);
        assertThat(answer.cookie()).isEqualTo(77);
        return answer.error();
    }

    byte[] read(long offset, int length) throws IOException {
        request(0, Nbd.CMD_READ, 5, offset, length);
        Answer answer = answer(length);
        assertThat(answer.error()).isZero();
        return answer.bytes();
    }

    /** Whether the server has hung up, with nothing more said. */
    boolean closedByServer() throws IOException {
        try {
            return in.read() < 0;
        } catch (java.net.SocketException | javax.net.ssl.SSLException e) {
            return true;
        }
    }

    /** Hangs up without a word. */
    void drop() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

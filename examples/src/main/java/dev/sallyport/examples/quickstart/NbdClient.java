package dev.sallyport.examples.quickstart;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;

/**
 * As little of an NBD client as shows a volume: one connection, one request at a time, simple replies.
 *
 * @see <a href="https://github.com/NetworkBlockDevice/nbd/blob/master/doc/proto.md">The NBD protocol</a>
 */
final class NbdClient implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 30_000;
    private static final int MOST = 32 << 20;

    private static final long MAGIC = 0x4e42444d41474943L; // NBDMAGIC
    private static final long OPTION_MAGIC = 0x49484156454f5054L; // IHAVEOPT
    private static final long OPTION_REPLY_MAGIC = 0x3e889045565a9L;
    private static final int REQUEST_MAGIC = 0x25609513;
    private static final int REPLY_MAGIC = 0x67446698;

    private static final int FIXED_NEWSTYLE = 1;
    private static final int NO_ZEROES = 2;
    private static final int OPT_GO = 7;
    private static final int REP_ACK = 1;
    private static final int REP_INFO = 3;
    private static final int INFO_EXPORT = 0;

    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int DISCONNECT = 2;
    private static final int FLUSH = 3;

    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;
    private long size;
    private long cookie;

    private NbdClient(Socket socket) throws IOException {
        this.socket = socket;
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        out = new DataOutputStream(socket.getOutputStream());
    }

    /**
     * Connects to the default export.
     *
     * @param uri {@code nbd://HOST:PORT}
     * @throws QuickstartException if what answers there is no NBD server, or refuses
     */
    static NbdClient connect(URI uri) throws IOException {
        Socket socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.connect(new InetSocketAddress(uri.getHost(), uri.getPort()), TIMEOUT_MILLIS);
            NbdClient client = new NbdClient(socket);
            client.handshake();
            return client;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private void handshake() throws IOException {
        require(in.readLong() == MAGIC && in.readLong() == OPTION_MAGIC, "what answers is no NBD server");
        require((in.readUnsignedShort() & FIXED_NEWSTYLE) != 0, "the NBD server does not speak fixed newstyle");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream go = new DataOutputStream(bytes);
        go.writeInt(FIXED_NEWSTYLE | NO_ZEROES);
        go.writeLong(OPTION_MAGIC);
        go.writeInt(OPT_GO);
        go.writeInt(6); // bytes of data: the length of the empty name, and no request for information
        go.writeInt(0);
        go.writeShort(0);
        bytes.writeTo(out);
        while (true) {
            require(
                    in.readLong() == OPTION_REPLY_MAGIC && in.readInt() == OPT_GO,
                    "the NBD server's answer is garbled");
            int type = in.readInt();
            byte[] data = bounded(in.readInt());
            if (type == REP_ACK) {
                require(size > 0, "the NBD server does not say how large the volume is");
                return;
            }
            require(type == REP_INFO, "the NBD server refuses the export, with code " + Integer.toHexString(type));
            DataInputStream info = new DataInputStream(new ByteArrayInputStream(data));
            if (info.readUnsignedShort() == INFO_EXPORT) {
                size = info.readLong();
            }
        }
    }

    /** Of the volume, in bytes. */
    long size() {
        return size;
    }

    /** Reads {@code length} bytes at {@code offset}. */
    byte[] read(long offset, int length) throws IOException {
        request(READ, offset, length, new byte[0]);
        return bounded(length);
    }

    /** Writes; durable only after {@link #flush()}. */
    void write(long offset, byte[] data) throws IOException {
        request(WRITE, offset, data.length, data);
    }

    /** Returns once everything that was written is on the disk. */
    void flush() throws IOException {
        request(FLUSH, 0, 0, new byte[0]);
    }

    private void request(int command, long offset, int length, byte[] payload) throws IOException {
        cookie++;
        send(command, offset, length, payload);
        require(in.readInt() == REPLY_MAGIC, "the NBD server's answer is garbled");
        int error = in.readInt();
        require(in.readLong() == cookie, "the NBD server answers another request");
        require(error == 0, "the NBD server answers command " + command + " with error " + error);
    }

    private void send(int command, long offset, int length, byte[] payload) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream request = new DataOutputStream(bytes);
        request.writeInt(REQUEST_MAGIC);
        request.writeShort(0);
        request.writeShort(command);
        request.writeLong(cookie);
        request.writeLong(offset);
        request.writeInt(length);
        request.write(payload);
        bytes.writeTo(out);
    }

    private byte[] bounded(int length) throws IOException {
        require(length >= 0 && length <= MOST, "the NBD server announces " + length + " bytes");
        byte[] data = new byte[length];
        in.readFully(data);
        return data;
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new QuickstartException(otherwise);
        }
    }

    /** Says goodbye, so that the server knows that nothing is under way. */
    @Override
    public void close() throws IOException {
        try {
            send(DISCONNECT, 0, 0, new byte[0]);
        } finally {
            socket.close();
        }
    }
}

package dev.sallyport.volume.testing;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** The least NBD client: one request at a time, simple replies. */
public final class NbdClient implements AutoCloseable {
    /** The write or zero must be durable before it is answered. */
    public static final int FUA = 1;

    public static final int EPERM = 1;

    private static final long NBD_MAGIC = 0x4e42444d41474943L;
    private static final long OPTION_MAGIC = 0x49484156454f5054L;
    private static final int REQUEST = 0x25609513;
    private static final int SIMPLE_REPLY = 0x67446698;
    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int FLUSH = 3;

    private final SocketChannel channel;
    private final DataInputStream in;
    private final DataOutputStream out;
    private final long size;
    private final int flags;
    private long cookie;

    public NbdClient(Path socket) throws IOException {
        channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        in = new DataInputStream(Channels.newInputStream(channel));
        out = new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16));
        if (in.readLong() != NBD_MAGIC || in.readLong() != OPTION_MAGIC) {
            throw new IOException("no NBD server");
        }
        in.readUnsignedShort();
        out.writeInt(3); // fixed newstyle, no zeroes
        out.writeLong(OPTION_MAGIC);
        out.writeInt(1); // NBD_OPT_EXPORT_NAME
        out.writeInt(0);
        out.flush();
        size = in.readLong();
        flags = in.readUnsignedShort();
    }

    public long size() {
        return size;
    }

    /** Transmission flags. */
    public int flags() {
        return flags;
    }

    /** Writes; the protocol's error value, 0 for none. */
    public int write(long offset, byte[] bytes, int commandFlags) throws IOException {
        request(WRITE, commandFlags, offset, bytes.length);
        out.write(bytes);
        out.flush();
        return reply();
    }

    public int flush() throws IOException {
        request(FLUSH, 0, 0, 0);
        out.flush();
        return reply();
    }

    public byte[] read(long offset, int length) throws IOException {
        request(READ, 0, offset, length);
        out.flush();
        int error = reply();
        if (error != 0) {
            throw new IOException("error " + error);
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return bytes;
    }

    private void request(int type, int commandFlags, long offset, int length) throws IOException {
        out.writeInt(REQUEST);
        out.writeShort(commandFlags);
        out.writeShort(type);
        out.writeLong(++cookie);
        out.writeLong(offset);
        out.writeInt(length);
    }

    private int reply() throws IOException {
        if (in.readInt() != SIMPLE_REPLY) {
            throw new IOException("no simple reply");
        }
        int error = in.readInt();
        if (in.readLong() != cookie) {
            throw new IOException("another request's reply");
        }
        return error;
    }

    /** Ends the connection without a word, as a client does that is killed. */
    @Override
    public void close() throws IOException {
        channel.close();
    }
}

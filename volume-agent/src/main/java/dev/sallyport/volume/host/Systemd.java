package dev.sallyport.volume.host;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * The two things that systemd and its services tell each other: sockets that it listens on for them, and that they are ready.
 *
 * @see <a href="https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html">sd_listen_fds(3)</a>
 * @see <a href="https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html">sd_notify(3)</a>
 */
public final class Systemd {
    private static final int FIRST_FD = 3;

    private static final int AF_UNIX = 1;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_TYPE = 3;
    private static final int SO_ACCEPTCONN = 30;
    private static final int SOCK_STREAM = 1;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int PATH_AT = 2;
    private static final int MAX_PATH = 108;
    private static final int ADDRESS_BYTES = PATH_AT + MAX_PATH;

    private final Map<String, String> environment;

    /** @param environment the process's own */
    public Systemd(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    /**
     * A socket that listens already.
     *
     * @param fd its number in this process
     * @param address where it listens
     */
    public record PassedSocket(int fd, SocketAddress address) {}

    /**
     * The socket that systemd listens on for this process; empty when it passed none.
     *
     * @throws IOException with one line: more than one, or one that is no listening stream socket
     */
    public Optional<PassedSocket> passedSocket() throws IOException {
        String count = environment.getOrDefault("LISTEN_FDS", "");
        String pid = Long.toString(ProcessHandle.current().pid());
        if (!CLibrary.isLinux()
                || count.isEmpty()
                || !environment.getOrDefault("LISTEN_PID", "").equals(pid)) {
            return Optional.empty();
        }
        if (!count.equals("1")) {
            throw new IOException("systemd passes " + count + " sockets; a volume is served on one");
        }
        if (option(SO_TYPE) != SOCK_STREAM || option(SO_ACCEPTCONN) != 1) {
            throw new IOException(
                    "what systemd passes is no stream socket that listens; see ListenStream= and Accept=no");
        }
        return Optional.of(new PassedSocket(FIRST_FD, address()));
    }

    /** Says that the service serves. Nothing happens when nobody listens for it. */
    public void ready(String status) throws IOException {
        send("READY=1\nSTATUS=" + status.replace('\n', ' '));
    }

    /** Says that the service is about to end. */
    public void stopping() throws IOException {
        send("STOPPING=1");
    }

    private static int option(int name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(ValueLayout.JAVA_INT);
            MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, (int) value.byteSize());
            int result = CLibrary.call(
                    "getsockopt",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS,
                            ValueLayout.ADDRESS),
                    handle -> (int) handle.invokeExact(FIRST_FD, SOL_SOCKET, name, value, length));
            return result == 0 ? value.get(ValueLayout.JAVA_INT, 0) : -1;
        }
    }

    private static SocketAddress address() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocate(ADDRESS_BYTES, 8);
            MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, ADDRESS_BYTES);
            int result = CLibrary.call(
                    "getsockname",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS),
                    handle -> (int) handle.invokeExact(FIRST_FD, name, length));
            if (result != 0) {
                throw new IOException("the socket that systemd passes has no address");
            }
            return decode(name.asSlice(0, Math.min(ADDRESS_BYTES, length.get(ValueLayout.JAVA_INT, 0)))
                    .toArray(ValueLayout.JAVA_BYTE));
        }
    }

    /** struct sockaddr_un, sockaddr_in or sockaddr_in6. */
    private static SocketAddress decode(byte[] name) throws IOException {
        int family = (name[0] & 0xff) | (name[1] & 0xff) << 8;
        int port = name.length < 4 ? 0 : (name[2] & 0xff) << 8 | (name[3] & 0xff);
        return switch (family) {
            case AF_INET -> new InetSocketAddress(InetAddress.getByAddress(Arrays.copyOfRange(name, 4, 8)), port);
            case AF_INET6 -> new InetSocketAddress(InetAddress.getByAddress(Arrays.copyOfRange(name, 8, 24)), port);
            case AF_UNIX -> {
                String path = new String(name, PATH_AT, name.length - PATH_AT, StandardCharsets.UTF_8);
                int end = path.indexOf(0);
                if (path.isEmpty() || end == 0) {
                    throw new IOException("the socket that systemd passes is an abstract one, which anybody may reach");
                }
                yield UnixDomainSocketAddress.of(end < 0 ? path : path.substring(0, end));
            }
            default -> throw new IOException("the socket that systemd passes is of family " + family);
        };
    }

    private void send(String message) throws IOException {
        String to = environment.getOrDefault("NOTIFY_SOCKET", "");
        if (!CLibrary.isLinux() || to.isEmpty()) {
            return;
        }
        byte[] path = to.getBytes(StandardCharsets.UTF_8);
        if ((path[0] != '/' && path[0] != '@') || path.length >= MAX_PATH) {
            throw new IOException("NOTIFY_SOCKET is no path of a socket");
        }
        if (path[0] == '@') {
            path[0] = 0; // an abstract one
        }
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        int fd = CLibrary.call(
                "socket",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT),
                handle -> (int) handle.invokeExact(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        if (fd < 0) {
            throw new IOException("no socket to tell systemd by");
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(ADDRESS_BYTES, 8);
            address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
            MemorySegment.copy(path, 0, address, ValueLayout.JAVA_BYTE, PATH_AT, path.length);
            MemorySegment data = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
            int sent = CLibrary.call(
                    "sendto",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS,
                            ValueLayout.JAVA_INT),
                    handle -> (int) (long) handle.invokeExact(
                            fd, data, (long) bytes.length, MSG_NOSIGNAL, address, PATH_AT + path.length));
            if (sent != bytes.length) {
                throw new IOException("systemd cannot be told: nobody listens on NOTIFY_SOCKET");
            }
        } finally {
            CLibrary.call("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT), handle ->
                    (int) handle.invokeExact(fd));
        }
    }
}

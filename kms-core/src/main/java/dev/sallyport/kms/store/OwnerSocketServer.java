package dev.sallyport.kms.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.kms.seal.SealException;
import dev.sallyport.kms.store.StoreException.Reason;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The unix socket on which the owner of a key store takes commands of other processes, so that they act at once. Whoever may
 * open the socket (mode 0600 in a directory of mode 0700: the owner's user) may do all that the commands can.
 */
public final class OwnerSocketServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OwnerSocketServer.class);
    private static final int MAX_CONNECTIONS = 16;
    private static final long REQUEST_SECONDS = 10;
    private static final long TOTAL_SECONDS = 900;

    private final Path socket;
    private final ServerSocketChannel server;
    private final Map<String, OwnerCommand> commands;
    private final Set<SocketChannel> connections = ConcurrentHashMap.newKeySet();
    private final Semaphore free = new Semaphore(MAX_CONNECTIONS);
    private final ScheduledExecutorService timeouts = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("keystore-socket-timeouts").daemon().factory());

    private OwnerSocketServer(Path socket, ServerSocketChannel server, Map<String, OwnerCommand> commands) {
        this.socket = socket;
        this.server = server;
        this.commands = Map.copyOf(commands);
    }

    /**
     * Begins to listen beside a store that this process owns; a socket that a crash left behind is replaced.
     *
     * @throws StoreException {@code MISPLACED} when the path is too long for a unix socket, {@code IO}
     */
    public static OwnerSocketServer start(SqliteKeyStore store, Map<String, OwnerCommand> commands) {
        Path socket = store.files().socket();
        try {
            Files.deleteIfExists(socket);
            ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                server.bind(UnixDomainSocketAddress.of(socket), MAX_CONNECTIONS);
                Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
            } catch (IOException e) {
                server.close();
                throw e;
            }
            OwnerSocketServer result = new OwnerSocketServer(socket, server, commands);
            Thread.ofPlatform().name("keystore-socket").daemon().start(result::accept);
            return result;
        } catch (IOException e) {
            throw new StoreException(Reason.IO, "cannot listen on " + socket + ": " + StoreFiles.describe(e));
        }
    }

    private void accept() {
        while (true) {
            SocketChannel channel;
            try {
                channel = server.accept();
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                LOG.warn("cannot accept on {}: {}", socket, e.getMessage());
                pause();
                continue;
            }
            if (free.tryAcquire()) {
                Thread.ofVirtual().name("keystore-command").start(() -> {
                    connections.add(channel);
                    try {
                        serve(channel);
                    } finally {
                        connections.remove(channel);
                        free.release();
                    }
                });
            } else {
                closeQuietly(channel);
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(SocketChannel channel) {
        var total = timeouts.schedule(() -> closeQuietly(channel), TOTAL_SECONDS, TimeUnit.SECONDS);
        var request = timeouts.schedule(() -> closeQuietly(channel), REQUEST_SECONDS, TimeUnit.SECONDS);
        try (channel;
                OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16)) {
            JsonNode line = OwnerProtocol.readLine(
                    new BufferedInputStream(Channels.newInputStream(channel)), OwnerProtocol.MAX_REQUEST);
            request.cancel(false);
            OwnerProtocol.writeLine(out, answer(line, out));
        } catch (IOException e) {
            LOG.debug("command connection ended: {}", e.getMessage());
        } finally {
            request.cancel(false);
            total.cancel(false);
        }
    }

    private ObjectNode answer(JsonNode request, OutputStream out) throws IOException {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        OwnerCommand command = commands.get(request.path("command").asText());
        if (request.path("v").asInt() != OwnerProtocol.VERSION || command == null) {
            return error(
                    answer,
                    Reason.REFUSED,
                    "the owner of the key store does not know this command:" + " it runs another version");
        }
        try {
            DataLines data = new DataLines(out);
            JsonNode result = command.run(request.path("arguments"), data);
            data.flush();
            answer.set("result", result);
            return answer;
        } catch (StoreException e) {
            return error(answer, e.reason(), e.getMessage());
        } catch (SealException e) {
            return error(answer, Reason.REFUSED, String.valueOf(e.getMessage()));
        } catch (IllegalArgumentException e) {
            return error(answer, Reason.REFUSED, "malformed request");
        } catch (RuntimeException e) {
            LOG.error("command {} failed", request.path("command").asText(), e);
            return error(answer, Reason.IO, "the owner of the key store failed: see its log");
        }
    }

    private static ObjectNode error(ObjectNode answer, Reason reason, String message) {
        answer.put("error", message);
        answer.put("reason", reason.name());
        return answer;
    }

    /** Stops listening and cuts the connections that there are, so that none keeps the store from closing. */
    @Override
    public void close() {
        try {
            server.close();
            Files.deleteIfExists(socket);
        } catch (IOException e) {
            LOG.debug("closing {}: {}", socket, e.getMessage());
        }
        connections.forEach(OwnerSocketServer::closeQuietly);
        timeouts.shutdownNow();
    }

    private static void closeQuietly(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // the connection is given up anyway
        }
    }

    /** A file's bytes as lines of base64. */
    private static final class DataLines extends OutputStream {
        private final OutputStream out;
        private final byte[] buffer = new byte[OwnerProtocol.DATA];
        private int filled;

        DataLines(OutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            int done = 0;
            while (done < length) {
                int part = Math.min(length - done, buffer.length - filled);
                System.arraycopy(bytes, offset + done, buffer, filled, part);
                filled += part;
                done += part;
                if (filled == buffer.length) {
                    flush();
                }
            }
        }

        @Override
        public void flush() throws IOException {
            if (filled > 0) {
                ObjectNode line = JsonNodeFactory.instance.objectNode();
                line.put("data", Base64.getEncoder().encodeToString(Arrays.copyOf(buffer, filled)));
                filled = 0;
                OwnerProtocol.writeLine(out, line);
            }
        }
    }
}

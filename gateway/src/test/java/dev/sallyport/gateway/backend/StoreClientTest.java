package dev.sallyport.gateway.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.gateway.auth.SigV4Signer;
import dev.sallyport.kms.crypto.SecretBytes;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The client against a server that misbehaves as told, connection by connection. */
class StoreClientTest {
    private static final byte[] NOTHING = new byte[0];

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final EventLoop loop = loops.next();
    private final BlockingQueue<Script> scripts = new LinkedBlockingQueue<>();
    private ServerSocket server;
    private StoreClient client;

    /** What the server does with its next connection. */
    private interface Script {
        void run(Socket socket) throws IOException;
    }

    @BeforeEach
    void start() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::serve);
        StoreEndpoint endpoint = new StoreEndpoint(
                URI.create("http://127.0.0.1:" + server.getLocalPort()),
                "us-east-1",
                true,
                null,
                2,
                Duration.ofSeconds(2),
                Duration.ofMillis(800));
        client = new StoreClient(
                endpoint, new SigV4Signer("id", SecretBytes.random(8), "us-east-1", "s3"), Clock.systemUTC());
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private void serve() {
        try {
            while (true) {
                Socket socket = server.accept();
                Script script = scripts.take();
                Thread.ofVirtual().start(() -> {
                    try (socket) {
                        script.run(socket);
                    } catch (IOException e) {
                        // The client closed first, as some tests want.
                        return;
                    }
                });
            }
        } catch (IOException | InterruptedException e) {
            // The test is over.
            return;
        }
    }

    private static String readHead(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int b = in.read();
            if (b < 0) {
                throw new IOException("closed");
            }
            head.append((char) b);
        }
        return head.toString();
    }

    private static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    private BackendResponse get() {
        return client.execute(loop, new BackendRequest("GET", "b", "k", List.of(), new DefaultHttpHeaders()), NOTHING);
    }

    private static String text(BackendResponse response) {
        try (response) {
            return new String(response.readBody(1_000), StandardCharsets.ISO_8859_1);
        }
    }

    @Test
    void repeatsAGetOnAPooledConnectionThatWasClosed() {
        scripts.add(socket -> {
            readHead(socket);
            say(socket, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none");
            readHead(socket);
        });
        scripts.add(socket -> {
            readHead(socket);
            say(socket, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwo");
        });
        assertThat(text(get())).isEqualTo("one");
        assertThat(text(get())).isEqualTo("two");
    }

    @Test
    void doesNotRepeatOnAFreshConnection() {
        scripts.add(StoreClientTest::readHead);
        assertThatThrownBy(this::get).isInstanceOf(BackendUnavailableException.class);
    }

    @Test
    void refusesAnswersThatEndEarlyOrHaveNoEnd() {
        for (String head : List.of(
                "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n",
                "HTTP/1.1 200 OK\r\n\r\nuntil the connection closes",
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nsmuggle",
                "not HTTP at all\r\n\r\n")) {
            scripts.add(socket -> {
                readHead(socket);
                say(socket, head);
            });
            assertThatThrownBy(() -> text(get())).as(head).isInstanceOf(BackendUnavailableException.class);
        }
    }

    @Test
    void givesUpOnAStoreThatFallsSilent() {
        scripts.add(socket -> {
            readHead(socket);
            say(socket, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nsho");
            socket.getInputStream().read();
        });
        scripts.add(socket -> {
            readHead(socket);
            socket.getInputStream().read();
        });
        assertThatThrownBy(() -> text(get()))
                .isInstanceOf(BackendUnavailableException.class)
                .hasMessageContaining("silent");
        assertThatThrownBy(this::get).hasMessageContaining("silent");
    }

    @Test
    void bodyBeyondTheLimitIsRefused() {
        scripts.add(socket -> {
            readHead(socket);
            say(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + "x".repeat(2_000));
        });
        assertThatThrownBy(() -> text(get())).hasMessageContaining("more than");
    }

    @Test
    void readsAnEarlyRefusalThoughTheStoreClosesUnderTheBody() {
        scripts.add(socket -> {
            readHead(socket);
            say(socket, "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
        });
        BackendUpload upload =
                client.upload(loop, new BackendRequest("PUT", "b", "k", List.of(), new DefaultHttpHeaders()), 500_000);
        for (int i = 0; i < 5; i++) {
            loop.execute(() -> upload.body().write(Unpooled.wrappedBuffer(new byte[100_000])));
        }
        loop.execute(() -> upload.body().complete());
        try (BackendResponse response = upload.response().join()) {
            assertThat(response.status()).isEqualTo(403);
        }
    }

    @Test
    void neverCompletesABodyThatFailed() throws Exception {
        LinkedBlockingQueue<Integer> received = new LinkedBlockingQueue<>();
        scripts.add(socket -> {
            readHead(socket);
            int count = 0;
            while (socket.getInputStream().read() >= 0) {
                count++;
            }
            received.add(count);
        });
        BackendUpload upload =
                client.upload(loop, new BackendRequest("PUT", "b", "k", List.of(), new DefaultHttpHeaders()), 100);
        loop.execute(() -> upload.body().write(Unpooled.wrappedBuffer(new byte[60])));
        loop.execute(() -> upload.body().fail(new IllegalStateException("bad digest")));
        assertThatThrownBy(() -> upload.response().join()).hasCauseInstanceOf(BackendUnavailableException.class);
        assertThat(received.poll(5, TimeUnit.SECONDS)).isLessThan(100);
    }

    @Test
    void waitsForAConnectionNoLongerThanItMay() {
        for (int i = 0; i < 2; i++) {
            scripts.add(socket -> {
                readHead(socket);
                say(socket, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
                socket.getInputStream().read();
            });
        }
        BackendResponse first = get();
        BackendResponse second = get();
        assertThatThrownBy(this::get).hasMessageContaining("in use");
        first.close();
        second.close();
    }
}

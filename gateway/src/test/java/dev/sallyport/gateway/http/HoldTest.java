package dev.sallyport.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Answers that take long. */
@Timeout(60)
class HoldTest {
    private static final String DECLARATION = "<?xml?>\n";
    private static final HttpLimits LIMITS = new HttpLimits(
            64,
            8192,
            16384,
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            Duration.ofSeconds(1),
            1024,
            Duration.ofMillis(50));

    private final CountDownLatch worked = new CountDownLatch(1);
    private final CountDownLatch durable = new CountDownLatch(1);
    private EventLoopGroup loops;
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        loops = Transport.here().newEventLoops(1, "hold");
        server = HttpServer.builder(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), this::handle)
                .limits(LIMITS)
                .start(loops);
    }

    @AfterEach
    void stop() {
        worked.countDown();
        durable.countDown();
        server.close();
        var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    private void handle(Exchange exchange) {
        String path = exchange.rawTarget();
        exchange.hold(
                200,
                new DefaultHttpHeaders().set("x-early", "yes"),
                DECLARATION.getBytes(StandardCharsets.US_ASCII),
                () -> {
                    if (path.equals("/undurable")) {
                        throw new IllegalStateException("not durable");
                    }
                    if (path.equals("/late")) {
                        await(durable);
                    }
                });
        if (!path.equals("/quick")) {
            await(worked);
        }
        if (path.equals("/throws")) {
            throw new IllegalStateException("thrown on purpose by a test");
        }
        exchange.respond(
                409,
                new DefaultHttpHeaders().set("x-late", "yes"),
                (DECLARATION + "<Error/>").getBytes(StandardCharsets.US_ASCII));
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private RawClient get(String path, String version) throws IOException {
        return new RawClient(server.address()).send("GET " + path + " HTTP/" + version + "\r\nHost: h\r\n\r\n");
    }

    private static String readUntil(RawClient client, Predicate<String> enough) throws IOException {
        StringBuilder text = new StringBuilder();
        while (!enough.test(text.toString())) {
            int b = client.socket.getInputStream().read();
            if (b < 0) {
                break;
            }
            text.append((char) b);
        }
        return text.toString();
    }

    @Test
    void aQuickAnswerKeepsItsStatus() throws Exception {
        try (RawClient client = get("/quick", "1.1")) {
            assertThat(client.readResponse())
                    .startsWith("HTTP/1.1 409 ")
                    .contains("x-late: yes")
                    .doesNotContain("x-early")
                    .endsWith(DECLARATION + "<Error/>");
        }
    }

    @Test
    void aSlowOneIsBegunAndWhiteSpaceFollowsUntilTheRestIsKnown() throws Exception {
        try (RawClient client = get("/slow", "1.1")) {
            String spaces = "\r\n1\r\n \r\n1\r\n \r\n1\r\n \r\n";
            assertThat(readUntil(client, text -> text.contains(spaces)))
                    .startsWith("HTTP/1.1 200 ")
                    .contains("x-early: yes", "x-amz-request-id: ")
                    .containsIgnoringCase("transfer-encoding: chunked")
                    .contains("\r\n\r\n8\r\n" + DECLARATION);
            worked.countDown();
            String rest = readUntil(client, text -> text.endsWith("0\r\n\r\n"));
            assertThat(rest).endsWith("8\r\n<Error/>\r\n0\r\n\r\n").doesNotContain("xml");
            client.send("GET /quick HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(client.readResponse()).startsWith("HTTP/1.1 409 ");
        }
    }

    @Test
    void nothingIsSentBeforeWhatMustComeFirst() throws Exception {
        try (RawClient client = get("/late", "1.1")) {
            client.socket.setSoTimeout(400);
            assertThat(silent(client)).isTrue();
            client.socket.setSoTimeout(10_000);
            durable.countDown();
            assertThat(readUntil(client, text -> text.contains(DECLARATION))).startsWith("HTTP/1.1 200 ");
        }
        try (RawClient client = get("/undurable", "1.1")) {
            client.socket.setSoTimeout(400);
            assertThat(silent(client)).isTrue();
            client.socket.setSoTimeout(10_000);
            worked.countDown();
            assertThat(client.readResponse()).startsWith("HTTP/1.1 409 ");
        }
    }

    @Test
    void aClientOfHttp10IsNotSentWhatItDoesNotKnow() throws Exception {
        try (RawClient client = get("/slow", "1.0")) {
            client.socket.setSoTimeout(400);
            assertThat(silent(client)).isTrue();
            client.socket.setSoTimeout(10_000);
            worked.countDown();
            assertThat(client.readResponse()).contains(" 409 ").endsWith(DECLARATION + "<Error/>");
        }
    }

    @Test
    void oneThatFailsAfterItsBeginningIsCut() throws Exception {
        try (RawClient client = get("/throws", "1.1")) {
            assertThat(readUntil(client, text -> text.contains(DECLARATION))).startsWith("HTTP/1.1 200 ");
            worked.countDown();
            StringBuilder rest = new StringBuilder();
            try {
                rest.append(readUntil(client, text -> false));
            } catch (java.net.SocketException e) {
                assertThat(e).hasMessageContaining("reset");
            }
            assertThat(rest.toString()).doesNotContain("0\r\n\r\n");
        }
    }

    private static boolean silent(RawClient client) throws IOException {
        try {
            return client.socket.getInputStream().read() == Integer.MIN_VALUE;
        } catch (java.net.SocketTimeoutException e) {
            return true;
        }
    }
}

package dev.sallyport.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.gateway.flow.ByteSink;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class HttpServerTest {
    private static final HttpLimits LIMITS = new HttpLimits(
            64,
            8192,
            16384,
            Duration.ofMillis(700),
            Duration.ofMillis(700),
            Duration.ofMillis(1000),
            Duration.ofMillis(1500),
            Duration.ofMillis(700),
            64 * 1024,
            Duration.ofMillis(300));

    private static final List<ExchangeSummary> SUMMARIES = new CopyOnWriteArrayList<>();
    private static final AtomicReference<Throwable> BODY_FAILURE = new AtomicReference<>();
    private static EventLoopGroup loops;
    private static HttpServer server;

    @BeforeAll
    static void start() throws IOException {
        loops = Transport.here().newEventLoops(2, "test");
        server = HttpServer.builder(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), HttpServerTest::handle)
                .limits(LIMITS)
                .listener(SUMMARIES::add)
                .start(loops);
    }

    @AfterAll
    static void stop() {
        server.close();
        var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    private static void handle(Exchange exchange) {
        HttpHeaders headers = new DefaultHttpHeaders();
        String path = exchange.rawTarget();
        if (path.startsWith("/echo-memory")) {
            try {
                exchange.respond(200, headers, exchange.readBody(1 << 20));
            } catch (UncheckedIOException e) {
                BODY_FAILURE.set(e.getCause());
                throw e;
            } catch (dev.sallyport.gateway.s3.S3Exception e) {
                exchange.respond(e.status(), headers, e.code().getBytes(StandardCharsets.UTF_8));
            }
        } else if (path.startsWith("/echo")) {
            exchange.body().start(new Echo(exchange.respondStreaming(200, headers, exchange.contentLength())));
        } else if (path.startsWith("/early")) {
            exchange.respond(403, headers, "early".getBytes(StandardCharsets.UTF_8));
        } else if (path.startsWith("/short")) {
            ByteSink sink = exchange.respondStreaming(200, headers, 100);
            exchange.eventLoop().execute(() -> {
                sink.write(Unpooled.wrappedBuffer(new byte[40]));
                sink.complete();
            });
        } else if (path.startsWith("/fail")) {
            ByteSink sink = exchange.respondStreaming(200, headers, -1);
            exchange.eventLoop().execute(() -> {
                sink.write(Unpooled.wrappedBuffer(new byte[40]));
                sink.fail(new IOException("upstream"));
            });
        } else if (path.startsWith("/throw")) {
            throw new IllegalStateException("thrown on purpose by a test");
        } else if (path.startsWith("/nothing")) {
            return;
        } else {
            exchange.respond(200, headers, ("hello " + path).getBytes(StandardCharsets.UTF_8));
        }
    }

    private record Echo(ByteSink out) implements ByteSink {
        @Override
        public void write(ByteBuf data) {
            out.write(data);
        }

        @Override
        public void complete() {
            out.complete();
        }

        @Override
        public void fail(Throwable cause) {
            out.fail(cause);
        }

        @Override
        public boolean writable() {
            return out.writable();
        }

        @Override
        public void onWritabilityChanged(Runnable listener) {
            out.onWritabilityChanged(listener);
        }
    }

    private static RawClient raw() throws IOException {
        return new RawClient(server.address());
    }

    @Test
    void answersWithTheHeadersThatEveryAnswerHas() throws Exception {
        try (RawClient client = raw()) {
            String answer = client.send("GET /x?y HTTP/1.1\r\nHost: h\r\n\r\n").readResponse();
            assertThat(answer).startsWith("HTTP/1.1 200 OK\r\n").endsWith("hello /x?y");
            assertThat(answer).containsPattern("x-amz-request-id: [0-9A-F]{16}\r\n");
            assertThat(answer).contains("x-amz-id-2: ").contains("server: Sallyport");
            assertThat(answer).containsPattern("date: \\w{3}, \\d\\d \\w{3} \\d{4} [\\d:]{8} GMT\r\n");
        }
    }

    @Test
    void streamsALargeBodyBothWaysUnchanged() throws Exception {
        byte[] body = new byte[20 * 1024 * 1024 + 7];
        new Random(1).nextBytes(body);
        try (RawClient client = raw()) {
            client.send("PUT /echo HTTP/1.1\r\nHost: h\r\nContent-Length: " + body.length + "\r\n\r\n");
            CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
                try {
                    client.socket.getOutputStream().write(body);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            assertThat(client.readResponse(false)).startsWith("HTTP/1.1 200 ");
            assertThat(client.socket.getInputStream().readNBytes(body.length)).isEqualTo(body);
            sent.get(5, TimeUnit.SECONDS);
        }
    }

    @Test
    void answersPipelinedRequestsInOrder() throws Exception {
        StringBuilder requests = new StringBuilder();
        for (int i = 0; i < 50; i++) {
            requests.append("PUT /echo/").append(i).append(" HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n");
            requests.append(String.format("%03d", i));
        }
        try (RawClient client = raw()) {
            client.send(requests.toString());
            for (int i = 0; i < 50; i++) {
                assertThat(client.readResponse()).endsWith("\r\n\r\n" + String.format("%03d", i));
            }
        }
    }

    @Test
    void answersPipelinedRequestsThatComeByteByByte() throws Exception {
        String request = "PUT /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
        try (RawClient client = raw()) {
            for (char c : (request + request).toCharArray()) {
                client.send(String.valueOf(c));
            }
            assertThat(client.readResponse()).endsWith("abc");
            assertThat(client.readResponse()).endsWith("abc");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
                "GET /x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
                "GET /x HTTP/1.1\r\nHost: h\r\nContent-Length: 3, 3\r\n\r\nabc",
                "PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "PUT /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
                "PUT /x HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "GET /x HTTP/1.1\r\nHost: h\r\nX-A: b\r\n folded\r\n\r\n",
                "GET /x HTTP/1.1\r\nHost: h\r\nX-A: b\r\n\tfolded\r\n\r\n",
                "GET /x HTTP/1.1\r\n Host: h\r\n\r\n",
                "GET /x HTTP/1.1\r\nHost: h\r\nContent-Length: +3\r\n\r\nabc",
                "GET /x HTTP/1.1\r\nHost: h\r\nContent-Length: -3\r\n\r\n",
                "GET /x HTTP/1.1\r\nHost: h\r\nContent-Length: 0x3\r\n\r\n",
                "GET /x HTTP/1.1\r\nHost: h\r\nContent-Length : 3\r\n\r\nabc",
                "GET /x HTTP/1.1\r\nHost: h\r\nX Y: z\r\n\r\n",
                "GET /x HTTP/1.1\r\nHost: h\r\nX-A: b\u0000c\r\n\r\n",
                "GET /x HTTP/1.1\r\nHost: h\r\nX-A: b\rc\r\n\r\n",
                "GET /x HTTP/1.1\r\nHost: h\r\n: c\r\n\r\n",
                "GET /x HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n",
                "GET /x HTTP/1.1\r\n\r\n",
                "GET http://other/x HTTP/1.1\r\nHost: h\r\n\r\n",
                "GET x HTTP/1.1\r\nHost: h\r\n\r\n",
                "GET /\u00e4 HTTP/1.1\r\nHost: h\r\n\r\n",
                "GET /x#y HTTP/1.1\r\nHost: h\r\n\r\n",
                "GET /x HTTP/1.1\nHost: h\n\n",
                "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\r\n\r\n",
                "GET /x\r\n\r\n",
            })
    void refusesWhatTwoParsersCouldReadDifferently(String request) throws Exception {
        try (RawClient client = raw()) {
            String answer = client.send(request).readAll();
            assertThat(answer).startsWith("HTTP/1.1 400 ").contains("connection: close");
            // one answer and no more: nothing of it was taken for a second request
            assertThat(answer.indexOf("HTTP/1.1", 5)).isEqualTo(-1);
        }
    }

    @Test
    void refusesAFoldThatComesInAPacketOfItsOwn() throws Exception {
        try (RawClient client = raw()) {
            client.send("GET /x HTTP/1.1\r\nHost: h\r\nX-A: b\r\n");
            Thread.sleep(50);
            assertThat(client.send(" folded\r\n\r\n").readAll()).startsWith("HTTP/1.1 400 ");
        }
    }

    @Test
    void refusesUnknownTransferCodingsVersionsAndExpectations() throws Exception {
        try (RawClient client = raw()) {
            assertThat(client.send("PUT /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n")
                            .readAll())
                    .startsWith("HTTP/1.1 501 ");
        }
        try (RawClient client = raw()) {
            assertThat(client.send("GET /x HTTP/1.2\r\nHost: h\r\n\r\n").readAll())
                    .startsWith("HTTP/1.1 505 ");
        }
        try (RawClient client = raw()) {
            assertThat(client.send("PUT /x HTTP/1.1\r\nHost: h\r\nExpect: 200-ok\r\nContent-Length: 1\r\n\r\n")
                            .readAll())
                    .startsWith("HTTP/1.1 417 ");
        }
    }

    @Test
    void refusesOversizeLinesAndHeaders() throws Exception {
        try (RawClient client = raw()) {
            assertThat(client.send("GET /" + "a".repeat(9000) + " HTTP/1.1\r\nHost: h\r\n\r\n")
                            .readAll())
                    .startsWith("HTTP/1.1 414 ");
        }
        try (RawClient client = raw()) {
            assertThat(client.send("GET / HTTP/1.1\r\nHost: h\r\nX-A: " + "a".repeat(17000) + "\r\n\r\n")
                            .readAll())
                    .startsWith("HTTP/1.1 400 ")
                    .contains("RequestHeaderSectionTooLarge");
        }
    }

    @Test
    void saysContinueOnlyWhenTheBodyIsWanted() throws Exception {
        try (RawClient client = raw()) {
            client.send("PUT /echo-memory HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
            assertThat(client.readResponse()).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
            assertThat(client.send("abc").readResponse()).endsWith("abc");
        }
        try (RawClient client = raw()) {
            client.send("PUT /early HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
            assertThat(client.readAll()).startsWith("HTTP/1.1 403 ").endsWith("early");
        }
    }

    /** botocore takes an answer that no 100 came before for the next request's on the connection as well. */
    @Test
    void saysContinueForAnEmptyBodyTooOrCloses() throws Exception {
        try (RawClient client = raw()) {
            client.send("PUT /echo-memory HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n");
            assertThat(client.readResponse()).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
            assertThat(client.readResponse()).startsWith("HTTP/1.1 200 ").doesNotContain("connection: close");
        }
        try (RawClient client = raw()) {
            client.send("PUT /early HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n");
            assertThat(client.readAll()).startsWith("HTTP/1.1 403 ").contains("connection: close");
        }
    }

    @Test
    void keepsTheConnectionAfterAnEarlyAnswerToAShortBody() throws Exception {
        try (RawClient client = raw()) {
            client.send("PUT /early HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n01234");
            assertThat(client.readResponse()).startsWith("HTTP/1.1 403 ").doesNotContain("connection: close");
            client.send("56789GET /next HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(client.readResponse()).endsWith("hello /next");
        }
    }

    @Test
    void closesAfterAnEarlyAnswerToALongBody() throws Exception {
        try (RawClient client = raw()) {
            client.send("PUT /early HTTP/1.1\r\nHost: h\r\nContent-Length: 100000000\r\n\r\n" + "x".repeat(1000));
            assertThat(client.readAll())
                    .startsWith("HTTP/1.1 403 ")
                    .contains("connection: close")
                    .endsWith("early");
            long start = System.nanoTime();
            org.assertj.core.api.Assertions.assertThatThrownBy(() -> {
                        for (int i = 0; i < 2000; i++) {
                            client.send("x".repeat(10_000));
                        }
                    })
                    .isInstanceOf(IOException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        }
    }

    @Test
    void cutsWhatIsShortOrFails() throws Exception {
        for (String path : List.of("/short", "/fail")) {
            try (RawClient client = raw()) {
                client.send("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n");
                String seen;
                try {
                    seen = client.readAll();
                } catch (java.net.SocketException reset) {
                    seen = "";
                }
                assertThat(seen).doesNotContain("\r\n0\r\n\r\n");
            }
        }
    }

    @Test
    void answersAHandlerThatThrowsOrForgetsWith500() throws Exception {
        for (String path : List.of("/throw", "/nothing")) {
            try (RawClient client = raw()) {
                assertThat(client.send("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n")
                                .readResponse())
                        .startsWith("HTTP/1.1 500 ")
                        .contains("<Code>InternalError</Code>")
                        .doesNotContain("on purpose");
            }
        }
    }

    @Test
    void answersHeadWithoutABody() throws Exception {
        try (RawClient client = raw()) {
            client.send("HEAD /x HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(client.readResponse(false))
                    .contains("content-length: 8\r\n")
                    .endsWith("\r\n\r\n");
            client.send("GET /y HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(client.readResponse()).endsWith("hello /y");
        }
    }

    @Test
    void endsASlowHead() throws Exception {
        try (RawClient client = raw()) {
            long start = System.nanoTime();
            client.send("GET /x HTTP/1.1\r\n");
            for (int i = 0; i < 5; i++) {
                Thread.sleep(100);
                client.send("X-" + i + ": y\r\n");
            }
            assertThat(client.readAll()).startsWith("HTTP/1.1 400 ").contains("RequestTimeout");
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofMillis(600), Duration.ofSeconds(5));
        }
    }

    @Test
    void endsASlowBody() throws Exception {
        try (RawClient client = raw()) {
            client.send("PUT /echo-memory HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n");
            CompletableFuture<String> answer = CompletableFuture.supplyAsync(() -> {
                try {
                    return client.readResponse();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            while (!answer.isDone()) {
                Thread.sleep(100);
                try {
                    client.send("x");
                } catch (IOException closed) {
                    break;
                }
            }
            assertThat(answer.get(5, TimeUnit.SECONDS))
                    .startsWith("HTTP/1.1 400 ")
                    .endsWith("RequestTimeout");
        }
    }

    @Test
    void closesSilentConnections() throws Exception {
        try (RawClient fresh = raw();
                RawClient kept = raw()) {
            assertThat(kept.send("GET /x HTTP/1.1\r\nHost: h\r\n\r\n").readResponse())
                    .startsWith("HTTP/1.1 200");
            assertThat(fresh.closed()).isTrue();
            assertThat(kept.closed()).isTrue();
        }
    }

    @Test
    void endsAClientThatTakesNothing() throws Exception {
        SUMMARIES.clear();
        try (RawClient client = raw()) {
            client.send("PUT /echo-slow HTTP/1.1\r\nHost: h\r\nContent-Length: 100000000\r\n\r\n");
            byte[] block = new byte[100_000];
            org.assertj.core.api.Assertions.assertThatThrownBy(() -> {
                        for (int i = 0; i < 1000; i++) {
                            client.socket.getOutputStream().write(block);
                        }
                    })
                    .isInstanceOf(IOException.class);
        }
        waitFor(() -> SUMMARIES.stream().anyMatch(summary -> summary.target().equals("/echo-slow") && summary.cut()));
    }

    @Test
    void answersAHalfClosedClient() throws Exception {
        try (RawClient client = raw()) {
            client.send("PUT /echo-memory HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
            client.socket.shutdownOutput();
            assertThat(client.readAll()).startsWith("HTTP/1.1 200").endsWith("abc");
        }
    }

    @Test
    void tellsAHalfClosedClientThatItsBodyIsShort() throws Exception {
        try (RawClient client = raw()) {
            client.send("PUT /echo-memory HTTP/1.1\r\nHost: h\r\nContent-Length: 30\r\n\r\nabc");
            client.socket.shutdownOutput();
            assertThat(client.readAll()).startsWith("HTTP/1.1 400").endsWith("IncompleteBody");
        }
    }

    @Test
    void tellsTheHandlerThatTheClientIsGone() throws Exception {
        BODY_FAILURE.set(null);
        try (RawClient client = raw()) {
            client.send("PUT /echo-memory HTTP/1.1\r\nHost: h\r\nContent-Length: 30\r\n\r\nabc");
            Thread.sleep(100);
            client.socket.setSoLinger(true, 0);
        }
        waitFor(() -> BODY_FAILURE.get() instanceof ClientGoneException);
    }

    @Test
    void turnsAwayConnectionsOverTheLimit() throws Exception {
        List<RawClient> clients = new java.util.ArrayList<>();
        try (HttpServer small = HttpServer.builder(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), HttpServerTest::handle)
                .limits(new HttpLimits(
                        2,
                        8192,
                        16384,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(1),
                        1024,
                        Duration.ofSeconds(5)))
                .start(loops)) {
            for (int i = 0; i < 2; i++) {
                RawClient client = new RawClient(small.address());
                clients.add(client);
                assertThat(client.send("GET /x HTTP/1.1\r\nHost: h\r\n\r\n").readResponse())
                        .startsWith("HTTP/1.1 200");
            }
            try (RawClient third = new RawClient(small.address())) {
                assertThat(third.readAll()).startsWith("HTTP/1.1 503 ").contains("Retry-After: 1");
            }
            clients.removeFirst().close();
            waitFor(() -> small.connections() < 2);
            try (RawClient third = new RawClient(small.address())) {
                assertThat(third.send("GET /x HTTP/1.1\r\nHost: h\r\n\r\n").readResponse())
                        .startsWith("HTTP/1.1 200");
            }
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    @Test
    void drainsRequestsUnderWayAndClosesTheIdle() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        HttpServer own = HttpServer.builder(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), exchange -> {
                    if (exchange.rawTarget().equals("/wait")) {
                        entered.countDown();
                        try {
                            go.await();
                        } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                    }
                    exchange.respond(200, new DefaultHttpHeaders(), new byte[] {'k'});
                })
                .start(loops);
        try (RawClient busy = new RawClient(own.address());
                RawClient idle = new RawClient(own.address())) {
            assertThat(idle.send("GET /x HTTP/1.1\r\nHost: h\r\n\r\n").readResponse())
                    .endsWith("k");
            busy.send("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n");
            entered.await();
            CompletableFuture<Boolean> drained = CompletableFuture.supplyAsync(() -> own.drain(Duration.ofSeconds(10)));
            assertThat(idle.closed()).isTrue();
            assertThat(drained).isNotDone();
            go.countDown();
            assertThat(busy.readAll()).contains("connection: close").endsWith("k");
            assertThat(drained.get(5, TimeUnit.SECONDS)).isTrue();
        } finally {
            own.close();
        }
    }

    @Test
    void saysInALineThatThePortIsTaken() {
        org.assertj.core.api.Assertions.assertThatThrownBy(
                        () -> HttpServer.builder(server.address(), HttpServerTest::handle)
                                .start(loops))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the port is taken");
    }

    @Test
    void logsNoSecretOfTheTarget() throws Exception {
        SUMMARIES.clear();
        try (RawClient client = raw()) {
            client.send("GET /k?X-Amz-Signature=s3cr3t&X%2DAmz-Security-Token=t0ken&a=b HTTP/1.1\r\nHost: h\r\n"
                            + "User-Agent: me\r\n\r\n")
                    .readResponse();
        }
        waitFor(() -> !SUMMARIES.isEmpty());
        String line = AccessLog.line(SUMMARIES.getFirst(), "INFO");
        assertThat(line)
                .contains("\"target\":\"/k?X-Amz-Signature=REDACTED&X%2DAmz-Security-Token=REDACTED&a=b\"")
                .contains("\"status\":200")
                .contains("\"userAgent\":\"me\"")
                .doesNotContain("s3cr3t")
                .doesNotContain("t0ken");
    }

    private static void waitFor(java.util.function.BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < 500 && !condition.getAsBoolean(); i++) {
            Thread.sleep(10);
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }
}

package dev.sallyport.gateway.object;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.gateway.backend.BackendRequest;
import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.testing.EmbeddedS3Store;
import dev.sallyport.gateway.testing.MinioStore;
import dev.sallyport.gateway.testing.S3Store;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** The operations on objects over real stores, with a way past the gateway. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class StoreBackedIT {
    static final String BUCKET = "objects";
    static final byte[] NOTHING = new byte[0];

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final List<Fixture> fixtures = new ArrayList<>();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    record Fixture(S3Store store, ObjectServer server) {
        @Override
        public String toString() {
            return store.name();
        }
    }

    @BeforeAll
    void start() throws IOException {
        List<S3Store> stores = new ArrayList<>(List.of(new EmbeddedS3Store()));
        MinioStore.open().ifPresent(stores::add);
        for (S3Store store : stores) {
            Fixture fixture = new Fixture(store, new ObjectServer(store));
            fixtures.add(fixture);
            fixture.server.probe.capabilities();
            behind(fixture, "PUT", null, Map.of(), NOTHING);
        }
    }

    @AfterAll
    void stop() throws Exception {
        for (Fixture fixture : fixtures) {
            fixture.server.close();
            fixture.store.close();
        }
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }

    Stream<Fixture> fixtures() {
        return fixtures.stream();
    }

    final void assertRefused(Fixture fixture, String key, int headStatus) throws Exception {
        HttpResponse<byte[]> got = send(fixture, "GET", key, Map.of());
        assertThat(got.statusCode()).isEqualTo(403);
        assertThat(text(got)).contains("AccessDenied");
        assertThat(send(fixture, "HEAD", key, Map.of()).statusCode()).isEqualTo(headStatus);
    }

    final HttpResponse<byte[]> put(Fixture fixture, String key, byte[] body, Map<String, String> headers)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(fixture.server.uri(BUCKET, key))
                .PUT(HttpRequest.BodyPublishers.ofByteArray(body));
        headers.forEach(request::header);
        return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    final HttpResponse<byte[]> send(Fixture fixture, String method, String key, Map<String, String> headers)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(fixture.server.uri(BUCKET, key))
                .method(method, HttpRequest.BodyPublishers.noBody());
        headers.forEach(request::header);
        return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    /** A request to the store, past the gateway. */
    final void behind(Fixture fixture, String method, @Nullable String key, Map<String, String> headers, byte[] body) {
        EventLoop loop = loops.next();
        DefaultHttpHeaders sent = new DefaultHttpHeaders();
        headers.forEach(sent::set);
        try (BackendResponse response =
                fixture.server.client.execute(loop, new BackendRequest(method, BUCKET, key, List.of(), sent), body)) {
            response.readBody(100_000);
            assertThat(response.status()).isEqualTo(200);
        }
    }

    final byte[] stored(Fixture fixture, String key) {
        try (BackendResponse response = fixture.server.client.execute(
                loops.next(), new BackendRequest("GET", BUCKET, key, List.of(), new DefaultHttpHeaders()), NOTHING)) {
            return response.readBody(8 << 20);
        }
    }

    final Map<String, String> storedHeaders(Fixture fixture, String key) {
        Map<String, String> headers = new java.util.HashMap<>();
        try (BackendResponse response = fixture.server.client.execute(
                loops.next(), new BackendRequest("HEAD", BUCKET, key, List.of(), new DefaultHttpHeaders()), NOTHING)) {
            for (Map.Entry<String, String> header : response.headers()) {
                String name = header.getKey().toLowerCase(Locale.ROOT);
                if (name.startsWith("x-amz-meta-") || name.equals("content-type")) {
                    headers.put(name, header.getValue());
                }
            }
        }
        return headers;
    }

    static boolean contains(byte[] bytes, byte[] part) {
        String all = new String(bytes, StandardCharsets.ISO_8859_1);
        return all.contains(new String(part, StandardCharsets.ISO_8859_1));
    }

    static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}

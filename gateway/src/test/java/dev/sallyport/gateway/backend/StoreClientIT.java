package dev.sallyport.gateway.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.gateway.auth.SigV4Signer;
import dev.sallyport.gateway.flow.ByteSink;
import dev.sallyport.gateway.testing.EmbeddedS3Store;
import dev.sallyport.gateway.testing.MinioStore;
import dev.sallyport.gateway.testing.S3Store;
import dev.sallyport.kms.crypto.SecretBytes;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StoreClientIT {
    private static final byte[] NOTHING = new byte[0];

    private final List<S3Store> stores = new ArrayList<>();
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    @BeforeAll
    void start() {
        stores.add(new EmbeddedS3Store());
        MinioStore.open().ifPresent(stores::add);
    }

    @AfterAll
    void stop() throws Exception {
        for (S3Store store : stores) {
            store.close();
        }
        loops.shutdownGracefully(0, 1, java.util.concurrent.TimeUnit.SECONDS).sync();
    }

    Stream<S3Store> stores() {
        return stores.stream();
    }

    private static StoreClient client(S3Store store) {
        SigV4Signer signer = new SigV4Signer(
                store.accessKey(),
                SecretBytes.takeOver(store.secretKey().getBytes(StandardCharsets.UTF_8)),
                store.region(),
                "s3");
        return new StoreClient(
                StoreEndpoint.of(store.endpoint(), store.region(), true, null), signer, Clock.systemUTC());
    }

    private static BackendRequest request(String method, String bucket, String key, HttpHeaders headers) {
        return new BackendRequest(method, bucket, key, List.of(), headers);
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("stores")
    void putsAndGetsObjectsOfEverySize(S3Store store) {
        EventLoop loop = loops.next();
        try (StoreClient client = client(store)) {
            assertThat(status(client.execute(loop, bucket("PUT", "sizes"), NOTHING)))
                    .isEqualTo(200);
            for (int size : new int[] {0, 1, 70_000, 3 << 20}) {
                byte[] content = new byte[size];
                new Random(size).nextBytes(content);
                HttpHeaders headers =
                        new DefaultHttpHeaders().set("x-amz-meta-a", "b").set("content-type", "text/x");
                String key = "dir with space/ü+%2e/" + size;
                assertThat(status(client.execute(loop, request("PUT", "sizes", key, headers), content)))
                        .isEqualTo(200);
                try (BackendResponse got =
                        client.execute(loop, request("GET", "sizes", key, new DefaultHttpHeaders()), NOTHING)) {
                    assertThat(got.status()).isEqualTo(200);
                    assertThat(got.headers().get("x-amz-meta-a")).isEqualTo("b");
                    assertThat(got.readBody(4 << 20)).isEqualTo(content);
                }
                try (BackendResponse head =
                        client.execute(loop, request("HEAD", "sizes", key, new DefaultHttpHeaders()), NOTHING)) {
                    assertThat(head.status()).isEqualTo(200);
                    assertThat(head.headers().get("content-length")).isEqualTo(Integer.toString(size));
                    assertThat(head.readBody(1)).isEmpty();
                }
            }
        }
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("stores")
    void streamsABodyAndKeepsTheOldObjectWhenItIsCut(S3Store store) {
        EventLoop loop = loops.next();
        try (StoreClient client = client(store)) {
            assertThat(status(client.execute(loop, bucket("PUT", "streams"), NOTHING)))
                    .isEqualTo(200);
            byte[] content = new byte[5 << 20];
            new Random(5).nextBytes(content);
            BackendUpload upload =
                    client.upload(loop, request("PUT", "streams", "k", new DefaultHttpHeaders()), content.length);
            send(loop, upload.body(), content, content.length, true);
            assertThat(status(upload.response().join())).isEqualTo(200);

            BackendUpload cut =
                    client.upload(loop, request("PUT", "streams", "k", new DefaultHttpHeaders()), content.length);
            send(loop, cut.body(), new byte[content.length], content.length - 1, true);
            assertThatThrownBy(() -> cut.response().join()).hasCauseInstanceOf(BackendUnavailableException.class);

            try (BackendResponse got =
                    client.execute(loop, request("GET", "streams", "k", new DefaultHttpHeaders()), NOTHING)) {
                assertThat(got.readBody(5 << 20)).isEqualTo(content);
            }
        }
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("stores")
    void answersEarlyAndGoesOn(S3Store store) {
        EventLoop loop = loops.next();
        try (StoreClient client = client(store)) {
            BackendUpload upload =
                    client.upload(loop, request("PUT", "no-such-bucket", "k", new DefaultHttpHeaders()), 64 << 20);
            byte[] piece = new byte[1 << 20];
            send(loop, upload.body(), piece, piece.length, false);
            try (BackendResponse refused = upload.response().join()) {
                assertThat(refused.status()).isEqualTo(404);
                assertThat(new String(refused.readBody(10_000), StandardCharsets.UTF_8))
                        .contains("NoSuchBucket");
            }
            assertThat(status(client.execute(loop, bucket("PUT", "after"), NOTHING)))
                    .isEqualTo(200);
        }
    }

    @Test
    void saysThatNobodyIsThere() throws Exception {
        URI gone;
        try (ServerSocket socket = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            gone = URI.create("http://127.0.0.1:" + socket.getLocalPort());
        }
        StoreEndpoint endpoint = StoreEndpoint.of(gone, "us-east-1", true, null);
        try (SecretBytes secret = SecretBytes.random(8);
                StoreClient client =
                        new StoreClient(endpoint, new SigV4Signer("id", secret, "us-east-1", "s3"), Clock.systemUTC());
                StoreControl control = new StoreControl(endpoint, "id", secret, null);
                StoreProbe probe = new StoreProbe(client, control, loops.next(), "bucket")) {
            assertThatThrownBy(() -> client.execute(loops.next(), bucket("GET", "b"), NOTHING))
                    .isInstanceOf(BackendUnavailableException.class);
            assertThatThrownBy(probe::capabilities).isInstanceOf(BackendUnavailableException.class);
        }
    }

    private static BackendRequest bucket(String method, String name) {
        return new BackendRequest(method, name, null, List.of(), new DefaultHttpHeaders());
    }

    private static int status(BackendResponse response) {
        try (response) {
            response.readBody(100_000);
            return response.status();
        }
    }

    private static void send(EventLoop loop, ByteSink sink, byte[] bytes, int length, boolean complete) {
        for (int at = 0; at < length; at += 1 << 20) {
            int count = Math.min(1 << 20, length - at);
            int from = at;
            loop.execute(() -> sink.write(Unpooled.copiedBuffer(bytes, from, count)));
        }
        if (complete) {
            loop.execute(sink::complete);
        }
    }
}

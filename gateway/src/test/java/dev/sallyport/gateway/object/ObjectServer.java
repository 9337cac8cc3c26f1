package dev.sallyport.gateway.object;

import dev.sallyport.gateway.auth.SigV4Signer;
import dev.sallyport.gateway.auth.VerifiedRequest;
import dev.sallyport.gateway.backend.Backend;
import dev.sallyport.gateway.backend.BackendRequest;
import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.backend.BackendUnavailableException;
import dev.sallyport.gateway.backend.BackendUpload;
import dev.sallyport.gateway.backend.StoreClient;
import dev.sallyport.gateway.backend.StoreControl;
import dev.sallyport.gateway.backend.StoreEndpoint;
import dev.sallyport.gateway.backend.StoreProbe;
import dev.sallyport.gateway.bucket.BucketNames;
import dev.sallyport.gateway.flow.ByteSink;
import dev.sallyport.gateway.format.MetadataCodec;
import dev.sallyport.gateway.format.MetadataMac;
import dev.sallyport.gateway.http.Exchange;
import dev.sallyport.gateway.http.HttpServer;
import dev.sallyport.gateway.http.Transport;
import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.s3.ObjectRequest;
import dev.sallyport.gateway.s3.S3Exception;
import dev.sallyport.gateway.s3.S3RequestParser;
import dev.sallyport.gateway.service.S3ErrorResponder;
import dev.sallyport.gateway.sse.DefaultEncryption;
import dev.sallyport.gateway.sse.EncryptionPlanner;
import dev.sallyport.gateway.sse.KmsErrors;
import dev.sallyport.gateway.testing.S3Store;
import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.Caller;
import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.cache.KeyCacheLimits;
import dev.sallyport.kms.cache.KeyCacheMetrics;
import dev.sallyport.kms.crypto.Hmac;
import dev.sallyport.kms.crypto.SecretBytes;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The operations on objects behind an HTTP server that believes every client, in front of a store. */
final class ObjectServer implements AutoCloseable {
    static final CallContext CALL = new CallContext(
            new Caller("arn:aws:iam::000000000000:user/t", "000000000000", "AIDAT", "t", "AKIAT", null),
            "us-east-1",
            "0123456789ABCDEF",
            "127.0.0.1",
            "-",
            false,
            null,
            null,
            "s3.us-east-1.amazonaws.com",
            List.of());

    final FakeKms kms = new FakeKms();
    final List<String> requests = new CopyOnWriteArrayList<>();
    final StoreClient client;
    private final StoreControl control;
    final MetadataCodec codec;
    final StoreProbe probe;
    private final EventLoopGroup loops = Transport.here().newEventLoops(1, "objects");
    private final HttpServer server;
    private final S3RequestParser parser = new S3RequestParser(List.of(), "000000000000");
    private final PutObject put;
    private final GetObject get;
    private final HeadObject head;
    private final GetObjectAttributes attributes;
    volatile boolean mixed;

    ObjectServer(S3Store store) throws IOException {
        this(store.endpoint(), store.accessKey(), store.secretKey(), store.region());
    }

    ObjectServer(URI store, String accessKey, String secretKey, String region) throws IOException {
        SigV4Signer signer = new SigV4Signer(
                accessKey, SecretBytes.takeOver(secretKey.getBytes(StandardCharsets.UTF_8)), region, "s3");
        StoreEndpoint endpoint = StoreEndpoint.of(store, region, true, null);
        client = new StoreClient(endpoint, signer, Clock.systemUTC());
        control = new StoreControl(
                endpoint, accessKey, SecretBytes.takeOver(secretKey.getBytes(StandardCharsets.UTF_8)), null);
        SecretBytes macKey = SecretBytes.random(32);
        codec = new MetadataCodec(new MetadataMac() {
            @Override
            public int currentKey() {
                return 1;
            }

            @Override
            public byte @Nullable [] mac(int key, byte[] message) {
                return key == 1 ? Hmac.sha256(macKey, message) : null;
            }
        });
        ObjectStore objects = new ObjectStore(new Noting(), new BucketNames(Map.of(), Set.of()));
        KeyCacheLimits limits = new KeyCacheLimits(Duration.ofMinutes(1), 100, 1 << 20, Long.MAX_VALUE, Duration.ZERO);
        ObjectKeyring keyring =
                new ObjectKeyring(kms, new BucketKeys(kms, limits, Duration.ofMinutes(1), KeyCacheMetrics.NONE));
        EncryptionPlanner planner = new EncryptionPlanner(bucket -> DefaultEncryption.Rule.INSTALLATION);
        ObjectReader reader = new ObjectReader(objects, keyring, codec);
        ForeignObjects foreign = new ForeignObjects(bucket -> mixed);
        probe = new StoreProbe(client, control, loops.next(), "probed");
        put = new PutObject(objects, keyring, planner, codec, probe::capabilities);
        get = new GetObject(reader, foreign);
        head = new HeadObject(reader, foreign);
        attributes = new GetObjectAttributes(reader);
        server = HttpServer.builder(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), this::handle)
                .start(loops);
    }

    URI uri(String bucket, String key) {
        return URI.create("http://127.0.0.1:" + server.address().getPort() + '/' + bucket + '/' + key);
    }

    private void handle(Exchange exchange) {
        try {
            S3Call call = new S3Call(exchange, new Trusting(exchange, CALL.caller()), CALL);
            switch (parser.parse(exchange.method(), exchange.rawTarget(), exchange.headers())) {
                case ObjectRequest.PutObject r -> put.handle(call, r);
                case ObjectRequest.GetObject r -> get.handle(call, r);
                case ObjectRequest.HeadObject r -> head.handle(call, r);
                case ObjectRequest.GetObjectAttributes r -> attributes.handle(call, r);
                default -> throw new S3Exception(501, "NotImplemented", "not here");
            }
        } catch (S3Exception e) {
            S3ErrorResponder.respond(exchange, e);
        } catch (KmsException e) {
            S3ErrorResponder.respond(exchange, KmsErrors.toS3(e));
        } catch (BackendUnavailableException e) {
            S3ErrorResponder.respond(exchange, S3ErrorResponder.unavailable());
        }
    }

    @Override
    public void close() {
        server.close();
        client.close();
        control.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    /** Notes what the store is asked. */
    private final class Noting implements Backend {
        @Override
        public BackendResponse execute(EventLoop loop, BackendRequest request, byte[] body) {
            requests.add(request.method() + ' ' + request.headers().get("range", "whole"));
            return client.execute(loop, request, body);
        }

        @Override
        public BackendUpload upload(EventLoop loop, BackendRequest request, long contentLength) {
            requests.add(request.method() + " stream");
            return client.upload(loop, request, contentLength);
        }
    }

    private record Trusting(Exchange exchange, Caller caller) implements VerifiedRequest {
        @Override
        public String service() {
            return "s3";
        }

        @Override
        public String region() {
            return "us-east-1";
        }

        @Override
        public boolean presigned() {
            return false;
        }

        @Override
        public long decodedLength() {
            return exchange.contentLength();
        }

        @Override
        public @Nullable String contentEncoding() {
            return null;
        }

        @Override
        public Function<ByteSink, ByteSink> bodyVerifier() {
            return Function.identity();
        }

        @Override
        public Map<String, String> trailers() {
            return Map.of();
        }
    }
}

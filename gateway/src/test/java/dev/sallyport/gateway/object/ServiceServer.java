package dev.sallyport.gateway.object;

import dev.sallyport.gateway.auth.SigV4Signer;
import dev.sallyport.gateway.auth.VerifiedRequest;
import dev.sallyport.gateway.backend.StoreCapabilities;
import dev.sallyport.gateway.backend.StoreCapabilities.OnTarget;
import dev.sallyport.gateway.backend.StoreClient;
import dev.sallyport.gateway.backend.StoreEndpoint;
import dev.sallyport.gateway.bucket.Account;
import dev.sallyport.gateway.bucket.BucketEncryption;
import dev.sallyport.gateway.bucket.BucketMode;
import dev.sallyport.gateway.bucket.BucketNames;
import dev.sallyport.gateway.bucket.BucketSettingsStore;
import dev.sallyport.gateway.bucket.BucketStore;
import dev.sallyport.gateway.bucket.CreateBucket;
import dev.sallyport.gateway.bucket.DeleteBucket;
import dev.sallyport.gateway.bucket.GetBucketLocation;
import dev.sallyport.gateway.bucket.HeadBucket;
import dev.sallyport.gateway.bucket.ListBuckets;
import dev.sallyport.gateway.bucket.ListObjects;
import dev.sallyport.gateway.bucket.MemoryKeyStore;
import dev.sallyport.gateway.flow.ByteSink;
import dev.sallyport.gateway.format.MetadataCodec;
import dev.sallyport.gateway.format.MetadataMac;
import dev.sallyport.gateway.http.Exchange;
import dev.sallyport.gateway.http.HttpServer;
import dev.sallyport.gateway.http.Transport;
import dev.sallyport.gateway.operation.FakeExchange;
import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.operation.S3Operation;
import dev.sallyport.gateway.s3.S3Errors;
import dev.sallyport.gateway.s3.S3Request;
import dev.sallyport.gateway.s3.S3RequestParser;
import dev.sallyport.gateway.service.BucketOperations;
import dev.sallyport.gateway.service.ObjectOperations;
import dev.sallyport.gateway.service.RequestAuthorizer;
import dev.sallyport.gateway.service.S3Service;
import dev.sallyport.gateway.service.UploadOperations;
import dev.sallyport.gateway.sse.EncryptionPlanner;
import dev.sallyport.gateway.testing.S3Store;
import dev.sallyport.kms.Caller;
import dev.sallyport.kms.cache.KeyCacheLimits;
import dev.sallyport.kms.cache.KeyCacheMetrics;
import dev.sallyport.kms.crypto.Hmac;
import dev.sallyport.kms.crypto.SecretBytes;
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
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The S3 service without uploads, behind an HTTP server that believes every client, in front of a store. */
final class ServiceServer implements AutoCloseable {
    private static final StoreCapabilities CAPABILITIES =
            new StoreCapabilities(OnTarget.BOTH, OnTarget.BOTH, OnTarget.NEITHER, false, true);

    final FakeKms kms = new FakeKms();
    final StoreClient client;
    final BucketSettingsStore settings = new BucketSettingsStore(new MemoryKeyStore(), BucketMode.STRICT);
    private final EventLoopGroup loops = Transport.here().newEventLoops(1, "service");
    private final HttpServer server;

    /** @param conditional whether deletions may have conditions */
    ServiceServer(S3Store store, boolean conditional) throws IOException {
        SigV4Signer signer = new SigV4Signer(
                store.accessKey(),
                SecretBytes.takeOver(store.secretKey().getBytes(StandardCharsets.UTF_8)),
                store.region(),
                "s3");
        client = new StoreClient(
                StoreEndpoint.of(store.endpoint(), store.region(), true, null), signer, Clock.systemUTC());
        S3Service service = service(conditional, store.region());
        server = HttpServer.builder(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        exchange -> service.handle(exchange, new Trusting(exchange)))
                .start(loops);
    }

    private S3Service service(boolean conditional, String storeRegion) {
        SecretBytes macKey = SecretBytes.random(32);
        MetadataCodec codec = new MetadataCodec(new MetadataMac() {
            @Override
            public int currentKey() {
                return 1;
            }

            @Override
            public byte @Nullable [] mac(int key, byte[] message) {
                return key == 1 ? Hmac.sha256(macKey, message) : null;
            }
        });
        BucketNames names = new BucketNames(Map.of("mapped", "store-side-name"), Set.of("staging-of-gateway"));
        ObjectStore objects = new ObjectStore(client, names);
        BucketStore buckets = new BucketStore(client, names);
        KeyCacheLimits limits = new KeyCacheLimits(Duration.ofMinutes(1), 100, 1 << 20, Long.MAX_VALUE, Duration.ZERO);
        ObjectKeyring keyring =
                new ObjectKeyring(kms, new BucketKeys(kms, limits, Duration.ofMinutes(1), KeyCacheMetrics.NONE));
        EncryptionPlanner planner = new EncryptionPlanner(settings);
        ObjectReader reader = new ObjectReader(objects, keyring, codec);
        ForeignObjects foreign = new ForeignObjects(bucket -> settings.mode(bucket) == BucketMode.MIXED);
        Account account = new Account("111122223333", "us-east-1");
        BucketEncryption encryption = new BucketEncryption(buckets, settings);
        ListObjects list = new ListObjects(buckets, settings, account);
        return new S3Service(
                new S3RequestParser(List.of(), "111122223333"),
                new RequestAuthorizer() {
                    @Override
                    public void authorize(S3Call call, S3Request request) {
                        // Everything is allowed.
                    }

                    @Override
                    public boolean mayList(S3Call call, String bucket) {
                        return true;
                    }
                },
                "us-east-1",
                new BucketOperations(
                        new ListBuckets(buckets, account),
                        new CreateBucket(buckets, account, storeRegion, (call, action, bucket, key, more) -> null),
                        new HeadBucket(buckets, account),
                        new DeleteBucket(buckets, settings),
                        new GetBucketLocation(buckets, account),
                        encryption::get,
                        encryption::put,
                        encryption::delete,
                        new DeleteObjects(buckets, (call, action, bucket, key, more) -> null),
                        list::v1,
                        list::v2),
                new ObjectOperations(
                        new GetObject(reader, foreign),
                        new HeadObject(reader, foreign),
                        new PutObject(objects, keyring, planner, codec, () -> CAPABILITIES),
                        new DeleteObject(buckets, () -> conditional),
                        new CopyObject(
                                objects,
                                buckets,
                                reader,
                                keyring,
                                planner,
                                settings,
                                codec,
                                foreign,
                                () -> CAPABILITIES,
                                Clock.systemUTC()),
                        new GetObjectAttributes(reader)),
                new UploadOperations(none(), none(), none(), none(), none(), none(), none()));
    }

    private static <R extends S3Request> S3Operation<R> none() {
        return (call, request) -> {
            throw S3Errors.notImplemented("uploads of this server");
        };
    }

    URI uri(String target) {
        return URI.create("http://127.0.0.1:" + server.address().getPort() + target);
    }

    @Override
    public void close() {
        server.close();
        client.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private record Trusting(Exchange exchange) implements VerifiedRequest {
        @Override
        public Caller caller() {
            return FakeExchange.caller();
        }

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

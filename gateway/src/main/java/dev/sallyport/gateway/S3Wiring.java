package dev.sallyport.gateway;

import dev.sallyport.gateway.admin.Metrics;
import dev.sallyport.gateway.backend.Backend;
import dev.sallyport.gateway.backend.StoreProbe;
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
import dev.sallyport.gateway.config.GatewayConfig;
import dev.sallyport.gateway.config.RemoteKmsConfig;
import dev.sallyport.gateway.config.UploadsConfig;
import dev.sallyport.gateway.format.MetadataCodec;
import dev.sallyport.gateway.format.MetadataMac;
import dev.sallyport.gateway.object.BucketKeys;
import dev.sallyport.gateway.object.CopyObject;
import dev.sallyport.gateway.object.CopySources;
import dev.sallyport.gateway.object.DeleteObject;
import dev.sallyport.gateway.object.DeleteObjects;
import dev.sallyport.gateway.object.ForeignObjects;
import dev.sallyport.gateway.object.GetObject;
import dev.sallyport.gateway.object.GetObjectAttributes;
import dev.sallyport.gateway.object.HeadObject;
import dev.sallyport.gateway.object.ObjectKeyring;
import dev.sallyport.gateway.object.ObjectReader;
import dev.sallyport.gateway.object.ObjectStore;
import dev.sallyport.gateway.object.PutObject;
import dev.sallyport.gateway.s3.S3RequestParser;
import dev.sallyport.gateway.service.BucketOperations;
import dev.sallyport.gateway.service.BucketPolicies;
import dev.sallyport.gateway.service.ObjectOperations;
import dev.sallyport.gateway.service.S3Authorizer;
import dev.sallyport.gateway.service.S3Service;
import dev.sallyport.gateway.service.UploadOperations;
import dev.sallyport.gateway.sse.DefaultEncryption;
import dev.sallyport.gateway.sse.EncryptionPlanner;
import dev.sallyport.gateway.upload.UploadService;
import dev.sallyport.gateway.upload.UploadSettings;
import dev.sallyport.kms.cache.KeyCacheLimits;
import dev.sallyport.kms.store.MacKeys;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes the S3 service out of its operations. */
final class S3Wiring {
    /** AWS rotates bucket keys after a time of its own; a day bounds what one of them wraps. */
    private static final Duration BUCKET_KEY_AGE = Duration.ofHours(24);

    private static final Duration BUCKET_KEY_CACHED = Duration.ofMinutes(5);

    private static final Duration SWEEP = Duration.ofMinutes(10);

    private S3Wiring() {}

    /** The keys of objects: one for all operations, so that uploads and objects share the bucket keys that are open. */
    static ObjectKeyring keyring(GatewayConfig config, KeyNode node, Metrics metrics) {
        String cache = "bucket-keys";
        RemoteKmsConfig remote = config.remoteKms();
        KeyCacheLimits limits = new KeyCacheLimits(
                remote == null ? BUCKET_KEY_CACHED : remote.cacheTime(),
                10_000,
                Long.MAX_VALUE,
                Long.MAX_VALUE,
                Duration.ofSeconds(1));
        BucketKeys bucketKeys = new BucketKeys(node.kms(), limits, BUCKET_KEY_AGE, metrics.keyCache(cache));
        metrics.keyCacheSize(cache, bucketKeys, BucketKeys::size);
        return new ObjectKeyring(node.kms(), bucketKeys);
    }

    static S3Service service(
            GatewayConfig config,
            KeyNode node,
            ObjectKeyring keyring,
            Backend backend,
            StoreProbe probe,
            UploadService uploads,
            Clock clock) {
        Account account = new Account(node.accountId(), config.region());
        BucketNames names = names(config);
        BucketSettingsStore settings =
                new BucketSettingsStore(node.store(), config.buckets().defaultMode());
        S3Authorizer authorizer =
                new S3Authorizer(node.evaluator(), BucketPolicies.NONE, uploads::encryption, node.kms()::keyArn);
        BucketStore bucketStore = new BucketStore(backend, names);
        return new S3Service(
                new S3RequestParser(config.domains(), node.accountId()),
                authorizer,
                config.region(),
                buckets(config, account, settings, authorizer, bucketStore),
                objects(config, node, keyring, backend, probe, names, settings, bucketStore, clock),
                operations(uploads));
    }

    private static BucketOperations buckets(
            GatewayConfig config,
            Account account,
            BucketSettingsStore settings,
            S3Authorizer authorizer,
            BucketStore store) {
        BucketEncryption encryption = new BucketEncryption(store, settings, installationKey(config));
        ListObjects listing = new ListObjects(store, settings, account);
        return new BucketOperations(
                new ListBuckets(store, account),
                new CreateBucket(store, account, config.store().region(), authorizer),
                new HeadBucket(store, account),
                new DeleteBucket(store, settings),
                new GetBucketLocation(store, account),
                encryption::get,
                encryption::put,
                encryption::delete,
                new DeleteObjects(store, authorizer),
                listing::v1,
                listing::v2);
    }

    private static ObjectOperations objects(
            GatewayConfig config,
            KeyNode node,
            ObjectKeyring keyring,
            Backend backend,
            StoreProbe probe,
            BucketNames names,
            BucketSettingsStore settings,
            BucketStore bucketStore,
            Clock clock) {
        ObjectStore store = new ObjectStore(backend, names);
        MetadataCodec codec = new MetadataCodec(mac(node.macKeys()));
        EncryptionPlanner planner = new EncryptionPlanner(settings, installationKey(config));
        ObjectReader reader = new ObjectReader(store, keyring, codec);
        ForeignObjects foreign = foreign(settings);
        return new ObjectOperations(
                new GetObject(reader, foreign),
                new HeadObject(reader, foreign),
                new PutObject(store, keyring, planner, codec, probe::capabilities),
                new DeleteObject(bucketStore, () -> probe.capabilities().deleteIfMatch()),
                new CopyObject(
                        store,
                        bucketStore,
                        reader,
                        keyring,
                        planner,
                        settings,
                        codec,
                        foreign,
                        probe::capabilities,
                        clock),
                new GetObjectAttributes(reader));
    }

    /** Multipart uploads; closed by the caller, after the server. */
    static UploadService uploads(
            GatewayConfig config,
            KeyNode node,
            ObjectKeyring keyring,
            Backend backend,
            StoreProbe probe,
            EventLoop sweepLoop,
            Clock clock)
            throws IOException {
        UploadsConfig uploads = config.uploads();
        Files.createDirectories(uploads.directory());
        BucketNames names = names(config);
        BucketSettingsStore settings =
                new BucketSettingsStore(node.store(), config.buckets().defaultMode());
        MetadataCodec codec = new MetadataCodec(mac(node.macKeys()));
        return new UploadService(
                new UploadSettings(
                        uploads.directory().resolve("uploads.db"),
                        uploads.stagingBucket(),
                        uploads.stagingQuota(),
                        uploads.abandonedAfter(),
                        SWEEP),
                backend,
                names,
                keyring,
                new EncryptionPlanner(settings, installationKey(config)),
                codec,
                new CopySources(
                        new BucketStore(backend, names),
                        new ObjectReader(new ObjectStore(backend, names), keyring, codec),
                        foreign(settings),
                        clock),
                node.kms(),
                new Account(node.accountId(), config.region()),
                probe::capabilities,
                sweepLoop,
                clock);
    }

    private static String installationKey(GatewayConfig config) {
        RemoteKmsConfig remote = config.remoteKms();
        return remote == null ? DefaultEncryption.MANAGED_KEY : remote.defaultKey();
    }

    private static ForeignObjects foreign(BucketSettingsStore settings) {
        return new ForeignObjects(bucket -> settings.mode(bucket) == BucketMode.MIXED);
    }

    private static BucketNames names(GatewayConfig config) {
        return new BucketNames(config.buckets().names(), Set.of(config.uploads().stagingBucket()));
    }

    private static UploadOperations operations(UploadService uploads) {
        return new UploadOperations(
                uploads.createMultipartUpload(),
                uploads.uploadPart(),
                uploads.uploadPartCopy(),
                uploads.completeMultipartUpload(),
                uploads.abortMultipartUpload(),
                uploads.listParts(),
                uploads.listMultipartUploads());
    }

    private static MetadataMac mac(MacKeys keys) {
        return new MetadataMac() {
            @Override
            public int currentKey() {
                return keys.currentKey();
            }

            @Override
            public byte @Nullable [] mac(int key, byte[] message) {
                return keys.mac(key, message);
            }
        };
    }
}

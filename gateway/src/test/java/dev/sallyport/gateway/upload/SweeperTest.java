package dev.sallyport.gateway.upload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.gateway.bucket.BucketNames;
import dev.sallyport.gateway.format.Id128;
import dev.sallyport.gateway.format.MetadataCodec;
import dev.sallyport.gateway.format.MetadataMac;
import dev.sallyport.gateway.object.BucketKeys;
import dev.sallyport.gateway.object.ObjectKeyring;
import dev.sallyport.gateway.operation.FakeStore;
import dev.sallyport.gateway.operation.FakeStore.Answer;
import dev.sallyport.kms.Kms;
import dev.sallyport.kms.cache.KeyCacheLimits;
import dev.sallyport.kms.cache.KeyCacheMetrics;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweeperTest {
    private static final Instant NOW = Instant.ofEpochSecond(1_700_000_000);
    private static final EventLoop LOOP = new DefaultEventLoop();

    @TempDir
    Path directory;

    private final Set<String> undeletable = ConcurrentHashMap.newKeySet();
    private final FakeStore store = new FakeStore(request -> {
        if (request.method().equals("GET")) {
            return Answer.error(404, "NoSuchBucket");
        }
        return request.key() != null && undeletable.contains(request.key())
                ? Answer.error(503, "SlowDown")
                : Answer.of(204, "");
    });
    private UploadTables tables;
    private StagingArea staging;
    private Uploads uploads;

    @BeforeEach
    void open() {
        tables = UploadTables.open(directory.resolve("uploads.db"));
        staging = new StagingArea(store, "staging", 1_000, 0);
        BucketNames names = new BucketNames(Map.of(), Set.of("staging", "renamed"));
        uploads = new Uploads(tables, new UploadStore(store, names), staging, keyring(), codec(), () -> NOW);
    }

    @AfterEach
    void close() {
        tables.close();
    }

    private static ObjectKeyring keyring() {
        Kms kms = (Kms) Proxy.newProxyInstance(
                SweeperTest.class.getClassLoader(), new Class<?>[] {Kms.class}, (proxy, method, arguments) -> {
                    throw new AssertionError("a sweep needs no key: " + method.getName());
                });
        KeyCacheLimits limits = new KeyCacheLimits(Duration.ofMinutes(1), 1, 1, 1, Duration.ZERO);
        return new ObjectKeyring(kms, new BucketKeys(kms, limits, Duration.ofMinutes(1), KeyCacheMetrics.NONE));
    }

    private static MetadataCodec codec() {
        return new MetadataCodec(new MetadataMac() {
            @Override
            public int currentKey() {
                return 1;
            }

            @Override
            public byte[] mac(int key, byte[] message) {
                return new byte[LENGTH];
            }
        });
    }

    private Upload begin(String id, String bucket) {
        tables.add(new Upload(
                0,
                id,
                bucket,
                "key",
                "store-" + id,
                "arn:aws:iam::111122223333:user/alice",
                "AIDA",
                NOW,
                Map.of(),
                null,
                false,
                UploadState.OPEN,
                0,
                null,
                null));
        return Objects.requireNonNull(tables.find(bucket, "key", id));
    }

    private void stage(Upload upload, int number, long size) {
        staging.reserve(size);
        List<Part> superseded = tables.addPart(
                upload, new Part(number, "etag", size, Id128.random(), "facts", "staged-" + number, NOW));
        assertThat(superseded).isEmpty();
    }

    @Test
    void anUploadThatCannotBeSweptKeepsTheSweeperFromNoOther() {
        Upload renamed = begin("first", "renamed");
        Upload other = begin("second", "bucket");
        tables.abort(renamed, NOW);
        tables.abort(other, NOW);
        new Sweeper(uploads, new Running(Duration.ofSeconds(1)), Duration.ofDays(7)).sweep(LOOP);
        assertThat(tables.find("bucket", "key", "second")).isNull();
        assertThat(tables.find("renamed", "key", "first"))
                .as("its store parts may still be there")
                .isNotNull();
        assertThat(store.lines()).contains("DELETE /bucket/key?uploadId=store-second");
    }

    @Test
    void theQuotaComesBackOnceHoweverOftenADeletionIsTried() {
        Upload upload = begin("id", "bucket");
        stage(upload, 1, 100);
        stage(upload, 2, 20);
        stage(upload, 3, 3);
        undeletable.add("staged-2");
        tables.abort(upload, NOW);
        for (int round = 0; round < 3; round++) {
            assertThat(uploads.discardParts(LOOP, upload)).isFalse();
            assertThat(staging.used()).isEqualTo(20);
            assertThat(tables.stagedBytes()).isEqualTo(20);
        }
        undeletable.clear();
        assertThat(uploads.discardParts(LOOP, upload)).isTrue();
        assertThat(uploads.discardParts(LOOP, upload)).isTrue();
        assertThat(staging.used()).isZero();
    }
}

package dev.sallyport.kms.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.crypto.SecretBytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KeyCacheTest {
    private static final KeyCacheLimits LIMITS =
            new KeyCacheLimits(Duration.ofMinutes(5), 100, 1_000, 1 << 20, Duration.ofSeconds(2));

    private final AtomicLong now = new AtomicLong();
    private final AtomicInteger hits = new AtomicInteger();
    private final AtomicInteger misses = new AtomicInteger();
    private final AtomicInteger failureHits = new AtomicInteger();
    private final AtomicInteger evictions = new AtomicInteger();
    private final AtomicInteger loads = new AtomicInteger();
    private final List<SecretBytes> loaded = java.util.Collections.synchronizedList(new ArrayList<>());
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @AfterEach
    void stop() {
        threads.close();
    }

    @Test
    void answersFromTheCache() {
        try (KeyCache<String> cache = cache(LIMITS)) {
            byte[] first = use(cache, "a");
            assertThat(use(cache, "a")).isEqualTo(first);
            assertThat(use(cache, "b")).isNotEqualTo(first);
            assertThat(loads).hasValue(2);
            assertThat(hits).hasValue(1);
            assertThat(misses).hasValue(2);
            assertThat(cache.size()).isEqualTo(2);
        }
        assertThat(evictions).hasValue(2);
        assertZeroed(0);
        assertZeroed(1);
    }

    @Test
    void loadsAnewAfterItsAgeAndZeroesTheOldKey() {
        try (KeyCache<String> cache = cache(LIMITS)) {
            byte[] first = use(cache, "a");
            now.addAndGet(Duration.ofMinutes(5).toNanos() - 1);
            assertThat(use(cache, "a")).isEqualTo(first);
            now.addAndGet(2);
            assertThat(use(cache, "a")).isNotEqualTo(first);
            assertZeroed(0);
        }
    }

    @Test
    void loadsAnewAfterItsUses() {
        try (KeyCache<String> cache = cache(limits(3, 1 << 20, 100))) {
            for (int i = 0; i < 7; i++) {
                use(cache, "a");
            }
        }
        assertThat(loads).hasValue(3);
    }

    @Test
    void loadsAnewAfterItsBytes() {
        try (KeyCache<String> cache = cache(limits(1_000, 100, 100))) {
            cache.get("a", 60, this::load).close();
            cache.get("a", 40, this::load).close();
            assertThat(loads).hasValue(1);
            cache.get("a", 1, this::load).close();
            assertThat(loads).hasValue(2);
            cache.get("b", 1_000, this::load).close();
            assertThat(loads).hasValue(3);
        }
    }

    @Test
    void keepsNoMoreThanItsEntriesAndZeroesTheRest() {
        try (KeyCache<String> cache = cache(limits(1_000, 1 << 20, 4))) {
            for (int i = 0; i < 50; i++) {
                use(cache, "key " + i);
            }
            assertThat(cache.size()).isLessThanOrEqualTo(4);
            assertThat(loaded.stream().filter(KeyCacheTest::isZeroed).count()).isGreaterThanOrEqualTo(46);
        }
    }

    @Test
    void aLeasedKeyIsZeroedOnlyWhenItsLastLeaseIsClosed() {
        try (KeyCache<String> cache = cache(LIMITS)) {
            Lease first = cache.get("a", this::load);
            Lease second = cache.get("a", this::load);
            cache.invalidateAll();
            assertThat(first.key().exposeCopy()).isEqualTo(second.key().exposeCopy());
            first.close();
            first.close();
            assertThatThrownBy(first::key).isInstanceOf(IllegalStateException.class);
            assertThat(second.key().length()).isEqualTo(32);
            assertThat(isZeroed(loaded.get(0))).isFalse();
            second.close();
            assertZeroed(0);
        }
    }

    @Test
    void manyThreadsCauseOneLoad() throws Exception {
        try (KeyCache<String> cache = cache(LIMITS)) {
            CountDownLatch loading = new CountDownLatch(1);
            CountDownLatch go = new CountDownLatch(1);
            Callable<byte[]> get = () -> {
                try (Lease lease = cache.get("a", () -> {
                    loading.countDown();
                    await(go);
                    return load();
                })) {
                    return lease.key().exposeCopy();
                }
            };
            List<Future<byte[]>> results = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                results.add(threads.submit(get));
            }
            await(loading);
            go.countDown();
            byte[] key = results.get(0).get(10, TimeUnit.SECONDS);
            for (Future<byte[]> result : results) {
                assertThat(result.get(10, TimeUnit.SECONDS)).isEqualTo(key);
            }
            assertThat(loads).hasValue(1);
            assertThat(hits).hasValue(31);
        }
    }

    @Test
    void aLoadThatInvalidationOvertookIsNotKept() throws Exception {
        try (KeyCache<String> cache = cache(LIMITS)) {
            CountDownLatch loading = new CountDownLatch(1);
            CountDownLatch go = new CountDownLatch(1);
            Future<byte[]> early = threads.submit(() -> {
                try (Lease lease = cache.get("a", () -> {
                    loading.countDown();
                    await(go);
                    return load();
                })) {
                    return lease.key().exposeCopy();
                }
            });
            await(loading);
            cache.invalidateAll();
            assertThatThrownBy(() -> cache.get("a", () -> {
                        throw disabled();
                    }))
                    .isInstanceOf(KmsException.class);
            go.countDown();
            assertThat(early.get(10, TimeUnit.SECONDS)).hasSize(32);
            assertZeroed(0);
            use(cache, "a");
            assertThat(loads).hasValue(2);
        }
    }

    @Test
    void aSharedFailureIsAnsweredForAWhile() {
        try (KeyCache<String> cache = cache(LIMITS)) {
            AtomicInteger attempts = new AtomicInteger();
            Supplier<SecretBytes> invalid = () -> {
                attempts.incrementAndGet();
                throw KmsException.invalidCiphertext();
            };
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> cache.get("a", invalid)).isInstanceOf(KmsException.class);
            }
            assertThat(attempts).hasValue(1);
            assertThat(failureHits).hasValue(2);
            now.addAndGet(Duration.ofSeconds(2).toNanos());
            use(cache, "a");
            assertThat(loads).hasValue(1);
        }
    }

    @Test
    void oneCallersDenialIsNotAnothers() throws Exception {
        try (KeyCache<String> cache = cache(LIMITS)) {
            CountDownLatch loading = new CountDownLatch(1);
            CountDownLatch go = new CountDownLatch(1);
            Future<?> denied = threads.submit(() -> assertThatThrownBy(() -> cache.get("a", () -> {
                        loading.countDown();
                        await(go);
                        throw disabled();
                    }))
                    .isInstanceOf(KmsException.class));
            await(loading);
            Future<byte[]> allowed = threads.submit(() -> use(cache, "a"));
            go.countDown();
            denied.get(10, TimeUnit.SECONDS);
            assertThat(allowed.get(10, TimeUnit.SECONDS)).hasSize(32);
            assertThat(failureHits).hasValue(0);
        }
    }

    @Test
    void anotherWrapOrContextIsAnotherKey() {
        byte[] wrapped = {1, 2, 3};
        EncryptionContext context = EncryptionContext.of("ab", "c");
        assertThat(Opened.of(wrapped.clone(), EncryptionContext.of("ab", "c"))).isEqualTo(Opened.of(wrapped, context));
        assertThat(Opened.of(new byte[] {1, 2, 4}, context)).isNotEqualTo(Opened.of(wrapped, context));
        assertThat(Opened.of(new byte[] {1, 2}, context)).isNotEqualTo(Opened.of(wrapped, context));
        assertThat(Opened.of(wrapped, EncryptionContext.of("a", "bc"))).isNotEqualTo(Opened.of(wrapped, context));
    }

    @Test
    void anErrorLeavesNobodyWaiting() {
        try (KeyCache<String> cache = cache(LIMITS)) {
            assertThatThrownBy(() -> cache.get("a", () -> {
                        throw new AssertionError("loader broke");
                    }))
                    .isInstanceOf(AssertionError.class);
            assertThat(use(cache, "a")).hasSize(32);
        }
    }

    @Test
    void keysAreNeverZeroedUnderALeaseWhateverHappens() throws Exception {
        try (KeyCache<String> cache = cache(limits(5, 1 << 20, 3))) {
            List<Future<?>> workers = new ArrayList<>();
            for (int worker = 0; worker < 8; worker++) {
                int seed = worker;
                workers.add(threads.submit(() -> {
                    java.util.Random random = new java.util.Random(seed);
                    for (int i = 0; i < 2_000; i++) {
                        if (random.nextInt(50) == 0) {
                            cache.invalidateAll();
                        }
                        try (Lease lease = cache.get("key " + random.nextInt(6), this::load)) {
                            assertThat(lease.key().exposeCopy()).isNotEqualTo(new byte[32]);
                        }
                    }
                }));
            }
            for (Future<?> worker : workers) {
                worker.get(60, TimeUnit.SECONDS);
            }
        }
        assertThat(loaded).allMatch(KeyCacheTest::isZeroed);
    }

    private KeyCache<String> cache(KeyCacheLimits limits) {
        KeyCacheMetrics metrics = new KeyCacheMetrics() {
            @Override
            public void hit() {
                hits.incrementAndGet();
            }

            @Override
            public void miss() {
                misses.incrementAndGet();
            }

            @Override
            public void failureHit() {
                failureHits.incrementAndGet();
            }

            @Override
            public void evicted() {
                evictions.incrementAndGet();
            }
        };
        return new KeyCache<>(
                limits,
                e -> e instanceof KmsException kms && kms.code() == KmsException.Code.INVALID_CIPHERTEXT,
                metrics,
                now::get);
    }

    private static KeyCacheLimits limits(long uses, long bytes, int entries) {
        return new KeyCacheLimits(Duration.ofMinutes(5), entries, uses, bytes, Duration.ZERO);
    }

    private byte[] use(KeyCache<String> cache, String key) {
        try (Lease lease = cache.get(key, this::load)) {
            return lease.key().exposeCopy();
        }
    }

    private SecretBytes load() {
        loads.incrementAndGet();
        SecretBytes secret = SecretBytes.random(32);
        loaded.add(secret);
        return secret;
    }

    private static KmsException disabled() {
        return new KmsException(KmsException.Code.DISABLED, "key is disabled");
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void assertZeroed(int index) {
        assertThat(isZeroed(loaded.get(index))).isTrue();
    }

    private static boolean isZeroed(SecretBytes secret) {
        try {
            secret.exposeCopy();
            return false;
        } catch (IllegalStateException e) {
            return true;
        }
    }
}

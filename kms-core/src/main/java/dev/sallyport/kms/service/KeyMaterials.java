package dev.sallyport.kms.service;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.stats.CacheStats;
import dev.sallyport.kms.cache.KeyCacheStats;
import dev.sallyport.kms.crypto.AesGcm;
import dev.sallyport.kms.crypto.AuthenticationFailedException;
import dev.sallyport.kms.crypto.Kbkdf;
import dev.sallyport.kms.crypto.RandomBytes;
import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.kms.store.KeyStore;
import dev.sallyport.kms.store.Row;
import dev.sallyport.kms.store.RowWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The material of keys: at rest wrapped under a key of its own, derived from the region's domain key; in memory outside the
 * heap, bounded, and dropped when its key is disabled or goes.
 *
 * <p>The wrapped form is a version byte, a 96-bit random nonce, ciphertext and tag (AES-256-GCM), with the row's id as
 * additional authenticated data. See {@code docs/service.md}.
 */
final class KeyMaterials {
    static final int BYTES = 32;

    private static final byte VERSION = 1;
    private static final byte[] LABEL = "sallyport/v1/key-material".getBytes(StandardCharsets.US_ASCII);
    private static final int MAX_CACHED = 10_000;

    private final KeyStore store;
    private final DomainKeys domainKeys;
    private final Cache<String, Cached> cache = Caffeine.newBuilder()
            .maximumSize(MAX_CACHED)
            .recordStats()
            .expireAfterAccess(Duration.ofHours(1))
            // in the thread that removes: a disabled key's material is zeroed before the answer leaves
            .executor(Runnable::run)
            .removalListener((@Nullable String id, @Nullable Cached cached, RemovalCause cause) -> {
                if (cached != null) {
                    cached.close();
                }
            })
            .build();

    KeyMaterials(KeyStore store, DomainKeys domainKeys) {
        this.store = store;
        this.domainKeys = domainKeys;
    }

    /** A new material id: random, so that it tells nothing of the material. */
    static String newId() {
        return HexFormat.of().formatHex(RandomBytes.of(32));
    }

    /** Makes material and puts its row. */
    void create(RowWriter rows, KeyRecord key, String materialId) {
        String rowId = KeyRows.materialRowId(key, materialId);
        byte[] aad = rowId.getBytes(StandardCharsets.UTF_8);
        byte[] nonce = RandomBytes.of(AesGcm.NONCE_BYTES);
        byte[] sealed;
        try (SecretBytes material = SecretBytes.random(BYTES);
                SecretBytes wrapping = wrappingKey(key.region(), aad)) {
            sealed = material.use(bytes -> AesGcm.seal(wrapping, nonce, aad, bytes));
        }
        byte[] payload = new byte[1 + nonce.length + sealed.length];
        payload[0] = VERSION;
        System.arraycopy(nonce, 0, payload, 1, nonce.length);
        System.arraycopy(sealed, 0, payload, 1 + nonce.length, sealed.length);
        rows.put(new Row(KeyRows.MATERIAL, rowId, null, payload));
    }

    /** Runs {@code action} with the material, which it must not keep. */
    <T> T use(KeyRecord key, String materialId, Function<SecretBytes, T> action) {
        String rowId = KeyRows.materialRowId(key, materialId);
        while (true) {
            Cached cached = cache.get(rowId, id -> new Cached(load(key.region(), id)));
            cached.lock.readLock().lock();
            try {
                if (!cached.closed) {
                    return action.apply(cached.material);
                }
            } finally {
                cached.lock.readLock().unlock();
            }
            // evicted between the look-up and the lock
        }
    }

    /** Zeroes what is held of a key. */
    void drop(KeyRecord key) {
        for (MaterialRecord material : key.materials()) {
            cache.invalidate(KeyRows.materialRowId(key, material.id()));
        }
    }

    KeyCacheStats stats() {
        CacheStats stats = cache.stats();
        return new KeyCacheStats(stats.hitCount(), stats.missCount(), stats.evictionCount(), cache.estimatedSize());
    }

    void close() {
        cache.invalidateAll();
    }

    private SecretBytes load(String region, String rowId) {
        byte[] payload = store.read(rows -> rows.get(KeyRows.MATERIAL, rowId))
                .orElseThrow(() -> new IllegalStateException("key material " + rowId + " is missing"))
                .payload();
        if (payload.length < 1 + AesGcm.NONCE_BYTES + AesGcm.TAG_BYTES || payload[0] != VERSION) {
            throw new IllegalStateException("key material " + rowId + " has an unknown form");
        }
        byte[] aad = rowId.getBytes(StandardCharsets.UTF_8);
        byte[] nonce = Arrays.copyOfRange(payload, 1, 1 + AesGcm.NONCE_BYTES);
        byte[] sealed = Arrays.copyOfRange(payload, 1 + AesGcm.NONCE_BYTES, payload.length);
        try (SecretBytes wrapping = wrappingKey(region, aad)) {
            return SecretBytes.takeOver(AesGcm.open(wrapping, nonce, aad, sealed));
        } catch (AuthenticationFailedException e) {
            throw new IllegalStateException("key material " + rowId + " does not open", e);
        }
    }

    private SecretBytes wrappingKey(String region, byte[] rowId) {
        try (SecretBytes domain = domainKeys.domainKey(region)) {
            return Kbkdf.counterHmacSha256(domain, LABEL, rowId, AesGcm.KEY_BYTES);
        }
    }

    /** Material with a lock that keeps it from being zeroed under whoever uses it. */
    private static final class Cached {
        private final SecretBytes material;
        private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
        private boolean closed;

        Cached(SecretBytes material) {
            this.material = material;
        }

        void close() {
            lock.writeLock().lock();
            try {
                closed = true;
                material.close();
            } finally {
                lock.writeLock().unlock();
            }
        }
    }
}

package dev.sallyport.kms.service;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sallyport.kms.access.PolicyDocument;
import dev.sallyport.kms.access.PolicyKind;
import dev.sallyport.kms.store.KeyStore;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keys and aliases by name, without SQL on the hot path. Every entry carries the store's epoch from before it was read; a
 * later epoch makes it stale, so that a change is seen by the first request after its commit.
 */
final class KeyDirectory {
    private static final int MAX_KEYS = 10_000;
    private static final int MAX_ALIASES = 20_000;

    private final KeyStore store;
    private final KeyMaterials materials;
    private final Cache<String, KnownKey> keys =
            Caffeine.newBuilder().maximumSize(MAX_KEYS).build();
    private final Cache<String, Target> aliases =
            Caffeine.newBuilder().maximumSize(MAX_ALIASES).build();

    private record Target(long epoch, String keyId) {}

    KeyDirectory(KeyStore store, KeyMaterials materials) {
        this.store = store;
        this.materials = materials;
    }

    /** Rises with every change of a key or an alias; changes of other rows leave what is held here fresh. */
    long epoch() {
        return store.epoch(KeyRows.KEY) + store.epoch(KeyRows.ALIAS);
    }

    Optional<KnownKey> key(String accountId, String region, String keyId) {
        String id = KeyRows.scope(accountId, region) + keyId;
        KnownKey known = keys.getIfPresent(id);
        long epoch = epoch();
        if (known != null && known.epoch() == epoch) {
            return Optional.of(known);
        }
        Optional<KnownKey> fresh =
                store.read(rows -> KeyRows.key(rows, accountId, region, keyId).map(key -> {
                    List<String> names = KeyRows.aliasesOf(rows, accountId, region, keyId).stream()
                            .map(AliasRecord::name)
                            .toList();
                    return KnownKey.of(epoch, key, policy(known, key), names);
                }));
        if (fresh.isPresent()) {
            keys.put(id, fresh.get());
        } else {
            keys.invalidate(id);
        }
        if (known != null && (fresh.isEmpty() || fresh.get().key().state() != KeyState.ENABLED)) {
            materials.drop(known.key());
        }
        return fresh;
    }

    private static PolicyDocument policy(@Nullable KnownKey known, KeyRecord key) {
        return known != null && known.key().policy().equals(key.policy())
                ? known.policy()
                : PolicyDocument.parse(key.policy(), PolicyKind.KEY);
    }

    /** The id of the key that an alias names. */
    Optional<String> aliasTarget(String accountId, String region, String name) {
        String id = KeyRows.scope(accountId, region) + name;
        Target known = aliases.getIfPresent(id);
        long epoch = epoch();
        if (known != null && known.epoch() == epoch) {
            return Optional.of(known.keyId());
        }
        Optional<String> fresh =
                store.read(rows -> KeyRows.alias(rows, accountId, region, name)).map(AliasRecord::targetKeyId);
        if (fresh.isPresent()) {
            aliases.put(id, new Target(epoch, fresh.get()));
        } else {
            aliases.invalidate(id);
        }
        return fresh;
    }
}

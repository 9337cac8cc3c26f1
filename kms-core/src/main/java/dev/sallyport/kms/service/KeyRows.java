package dev.sallyport.kms.service;

import dev.sallyport.kms.store.Row;
import dev.sallyport.kms.store.RowReader;
import dev.sallyport.kms.store.RowWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where keys, their material and aliases lie in the key store. Ids are {@code account/region/…}; an alias is found by its
 * key through its index value, a key that is due through its own.
 */
final class KeyRows {
    static final String KEY = "key";
    static final String MATERIAL = "key-material";
    static final String ALIAS = "alias";

    /** More than any key has: aliases of one key, materials of one key. */
    private static final int ALL = 100_000;

    private KeyRows() {}

    static String scope(String accountId, String region) {
        return accountId + "/" + region + "/";
    }

    static String materialRowId(KeyRecord key, String materialId) {
        return scope(key.accountId(), key.region()) + key.keyId() + "/" + materialId;
    }

    static Optional<KeyRecord> key(RowReader rows, String accountId, String region, String keyId) {
        return rows.get(KEY, scope(accountId, region) + keyId).map(KeyRows::key);
    }

    static KeyRecord key(Row row) {
        String[] id = row.id().split("/", 3);
        return RecordJson.key(id[0], id[1], id[2], row.payload());
    }

    static List<KeyRecord> keys(
            RowReader rows, String accountId, String region, @Nullable String afterKeyId, int limit) {
        String scope = scope(accountId, region);
        return rows.scan(KEY, scope, afterKeyId == null ? null : scope + afterKeyId, limit).stream()
                .map(KeyRows::key)
                .toList();
    }

    static void put(RowWriter rows, KeyRecord key) {
        Instant due = key.dueDate();
        rows.put(new Row(
                KEY,
                scope(key.accountId(), key.region()) + key.keyId(),
                due == null ? null : dueIndex(due),
                RecordJson.write(key)));
    }

    /** Keys of every account and region whose due date is not after {@code now}, earliest first. */
    static List<KeyRecord> due(RowReader rows, Instant now, int limit) {
        return rows.scanIndex(KEY, dueIndex(Instant.EPOCH), dueIndex(now.plusMillis(1)), null, limit).stream()
                .map(KeyRows::key)
                .toList();
    }

    static Optional<AliasRecord> alias(RowReader rows, String accountId, String region, String name) {
        return rows.get(ALIAS, scope(accountId, region) + name).map(KeyRows::alias);
    }

    static List<AliasRecord> aliases(
            RowReader rows, String accountId, String region, @Nullable String afterName, int limit) {
        String scope = scope(accountId, region);
        return rows.scan(ALIAS, scope, afterName == null ? null : scope + afterName, limit).stream()
                .map(KeyRows::alias)
                .toList();
    }

    static List<AliasRecord> aliasesOf(RowReader rows, String accountId, String region, String keyId) {
        String target = scope(accountId, region) + keyId;
        return rows.scanIndex(ALIAS, target, target + "\u0000", null, ALL).stream()
                .map(KeyRows::alias)
                .toList();
    }

    static void put(RowWriter rows, AliasRecord alias) {
        String scope = scope(alias.accountId(), alias.region());
        rows.put(new Row(ALIAS, scope + alias.name(), scope + alias.targetKeyId(), RecordJson.write(alias)));
    }

    static boolean delete(RowWriter rows, AliasRecord alias) {
        return rows.delete(ALIAS, scope(alias.accountId(), alias.region()) + alias.name());
    }

    /** Removes the key, every version of its material, its aliases and its grants. */
    static void delete(RowWriter rows, KeyRecord key) {
        GrantRows.deleteAll(rows, key);
        for (AliasRecord alias : aliasesOf(rows, key.accountId(), key.region(), key.keyId())) {
            delete(rows, alias);
        }
        String prefix = materialRowId(key, "");
        List<String> materials = new ArrayList<>();
        rows.scan(MATERIAL, prefix, null, ALL).forEach(row -> materials.add(row.id()));
        materials.forEach(id -> rows.delete(MATERIAL, id));
        rows.delete(KEY, scope(key.accountId(), key.region()) + key.keyId());
    }

    private static AliasRecord alias(Row row) {
        String[] id = row.id().split("/", 3);
        return RecordJson.alias(id[0], id[1], id[2], row.payload());
    }

    /** Milliseconds since 1970 in 15 digits, so that the order of text is the order of time. */
    private static String dueIndex(Instant time) {
        return String.format(Locale.ROOT, "%015d", Math.max(0, time.toEpochMilli()));
    }
}

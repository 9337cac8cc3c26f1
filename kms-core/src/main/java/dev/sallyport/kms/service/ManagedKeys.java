package dev.sallyport.kms.service;

import dev.sallyport.kms.access.KeyPolicies;
import dev.sallyport.kms.access.PolicyDocument;
import dev.sallyport.kms.access.PolicyKind;
import dev.sallyport.kms.store.KeyStore;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The keys that a service of the installation makes for itself at first use. Their policy lets callers in through that
 * service only; nobody can change it, so nobody can use, change, disable or delete such a key directly.
 *
 * @see <a href="https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-key">AWS managed keys</a>
 */
final class ManagedKeys {
    private static final String S3 = "alias/aws/s3";

    private final KeyStore store;
    private final KeyMaterials materials;
    private final InstantSource clock;

    ManagedKeys(KeyStore store, KeyMaterials materials, InstantSource clock) {
        this.store = store;
        this.materials = materials;
        this.clock = clock;
    }

    static boolean predefined(String alias) {
        return alias.equals(S3);
    }

    /** What would be made, to authorise against. */
    KnownKey candidate(String accountId, String region, String alias) {
        KeyRecord key = record(accountId, region, alias);
        return KnownKey.of(0, key, PolicyDocument.parse(key.policy(), PolicyKind.KEY), List.of(alias));
    }

    /** Makes the key and its alias unless somebody just did; returns the key's id. */
    String create(String accountId, String region, String alias) {
        KeyRecord key = record(accountId, region, alias);
        return store.write(rows -> KeyRows.alias(rows, accountId, region, alias)
                .map(AliasRecord::targetKeyId)
                .orElseGet(() -> {
                    materials.create(rows, key, key.currentMaterial().id());
                    KeyRows.put(rows, key);
                    Instant now = key.creationDate();
                    KeyRows.put(rows, new AliasRecord(accountId, region, alias, key.keyId(), now, now));
                    return key.keyId();
                }));
    }

    private KeyRecord record(String accountId, String region, String alias) {
        Instant now = Times.now(clock);
        return new KeyRecord(
                accountId,
                region,
                UUID.randomUUID().toString(),
                "Default key that protects my S3 objects when no other key is defined",
                now,
                KeyState.ENABLED,
                null,
                0,
                alias,
                KeyPolicies.managedS3Policy(accountId, region),
                new TreeMap<>(),
                KeyRecord.Rotation.from(now, KeyRecord.Rotation.DEFAULT_PERIOD),
                0,
                List.of(new MaterialRecord(KeyMaterials.newId(), now, null)));
    }
}

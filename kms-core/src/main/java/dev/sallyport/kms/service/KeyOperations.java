package dev.sallyport.kms.service;

import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.KmsException.Code;
import dev.sallyport.kms.access.KeyPolicies;
import dev.sallyport.kms.store.KeyStore;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * CreateKey, DescribeKey, ListKeys, EnableKey, DisableKey, ScheduleKeyDeletion, CancelKeyDeletion and UpdateKeyDescription.
 */
final class KeyOperations {
    private static final String SYMMETRIC = "SYMMETRIC_DEFAULT";
    private static final String ENCRYPT_DECRYPT = "ENCRYPT_DECRYPT";
    private static final int DEFAULT_WINDOW = 30;
    private static final int MIN_WINDOW = 7;
    private static final int MAX_WINDOW = 30;

    private final KeyStore store;
    private final KeyAccess access;
    private final KeyMaterials materials;
    private final KeyChanges changes;
    private final Markers markers;
    private final InstantSource clock;

    KeyOperations(
            KeyStore store,
            KeyAccess access,
            KeyMaterials materials,
            KeyChanges changes,
            Markers markers,
            InstantSource clock) {
        this.store = store;
        this.access = access;
        this.materials = materials;
        this.changes = changes;
        this.markers = markers;
        this.clock = clock;
    }

    KmsResponse.KeyDetails createKey(Call call, KmsRequest.CreateKey request) {
        String spec = spec(request);
        String usage = request.keyUsage();
        String origin = request.origin() == null ? "AWS_KMS" : request.origin();
        call.parameter("description", request.description())
                .parameter("keySpec", spec)
                .parameter("keyUsage", usage == null ? ENCRYPT_DECRYPT : usage)
                .parameter("origin", origin)
                .parameter("multiRegion", request.multiRegion())
                .parameter("policy", request.policy())
                .parameter("bypassPolicyLockoutSafetyCheck", request.bypassPolicyLockoutSafetyCheck())
                .parameter("tags", tagParameters(request.tags()));
        Conditions conditions = Conditions.ofTags(request.tags())
                .with("kms:KeySpec", spec)
                .with("kms:CustomerMasterKeySpec", spec)
                .with("kms:KeyUsage", usage == null ? ENCRYPT_DECRYPT : usage)
                .with("kms:CustomerMasterKeyUsage", usage == null ? ENCRYPT_DECRYPT : usage)
                .with("kms:KeyOrigin", origin)
                .with("kms:MultiRegion", String.valueOf(request.multiRegion()))
                .with("kms:BypassPolicyLockoutSafetyCheck", String.valueOf(request.bypassPolicyLockoutSafetyCheck()));
        access.authorizeResource(call, "kms:CreateKey", "*", conditions);
        if (!request.tags().isEmpty()) {
            access.authorizeResource(call, "kms:TagResource", "*", conditions);
        }
        requireSupported(request, spec, usage, origin);
        Checks.tags(request.tags());
        KeyRecord key = newKey(call, request);
        Checks.keyPolicy(key.policy(), call.context(), key.arn(), request.bypassPolicyLockoutSafetyCheck(), clock);
        store.write(rows -> {
            materials.create(rows, key, key.currentMaterial().id());
            KeyRows.put(rows, key);
            return key;
        });
        call.touched(key.arn());
        call.responded("keyMetadata", metadataForAudit(key));
        return new KmsResponse.KeyDetails(KeyMetadata.of(key));
    }

    KmsResponse.KeyDetails describeKey(Call call, KmsRequest.DescribeKey request) {
        call.parameter("keyId", request.keyId());
        KnownKey key = access.keyOrAlias(call, request.keyId(), Conditions.none());
        return new KmsResponse.KeyDetails(KeyMetadata.of(key.key()));
    }

    KmsResponse.ListKeys listKeys(Call call, KmsRequest.ListKeys request) {
        call.parameter("limit", request.limit());
        access.authorizeResource(call, "kms:ListKeys", "*", Conditions.none());
        int limit = Checks.limit(request.limit(), 100, 1000);
        String after = markers.read(call, "", request.marker());
        if (!request.resourceOwners().isEmpty() && !request.resourceOwners().contains("SELF")) {
            // keys of other accounts are never shared here
            return new KmsResponse.ListKeys(List.of(), null);
        }
        List<KeyRecord> found =
                store.read(rows -> KeyRows.keys(rows, call.accountId(), call.region(), after, limit + 1));
        List<KeyRecord> page = found.subList(0, Math.min(limit, found.size()));
        return new KmsResponse.ListKeys(
                page.stream()
                        .map(key -> new KmsResponse.ListKeys.KeyListEntry(key.keyId(), key.arn()))
                        .toList(),
                found.size() > limit ? markers.make(call, "", page.getLast().keyId()) : null);
    }

    KmsResponse.Empty enableKey(Call call, KmsRequest.EnableKey request) {
        call.parameter("keyId", request.keyId());
        KnownKey key = access.key(call, request.keyId(), Conditions.none());
        changes.change(call, key, now -> now.state() == KeyState.ENABLED ? now : now.withState(KeyState.ENABLED));
        call.responded("keyId", key.key().arn());
        return new KmsResponse.Empty();
    }

    KmsResponse.Empty disableKey(Call call, KmsRequest.DisableKey request) {
        call.parameter("keyId", request.keyId());
        KnownKey key = access.key(call, request.keyId(), Conditions.none());
        changes.change(call, key, now -> now.state() == KeyState.DISABLED ? now : now.withState(KeyState.DISABLED));
        call.responded("keyId", key.key().arn());
        return new KmsResponse.Empty();
    }

    KmsResponse.ScheduleKeyDeletion scheduleKeyDeletion(Call call, KmsRequest.ScheduleKeyDeletion request) {
        int window = request.pendingWindowInDays() == null ? DEFAULT_WINDOW : request.pendingWindowInDays();
        call.parameter("keyId", request.keyId()).parameter("pendingWindowInDays", window);
        if (window < MIN_WINDOW || window > MAX_WINDOW) {
            // the model says 1 to 365; the service does not
            throw Checks.validation("1 validation error detected: Value '" + window
                    + "' at 'pendingWindowInDays' failed to satisfy constraint: Member must have value "
                    + (window < MIN_WINDOW
                            ? "greater than or equal to " + MIN_WINDOW
                            : "less than or equal to " + MAX_WINDOW));
        }
        KnownKey key = access.key(
                call,
                request.keyId(),
                Conditions.none().with("kms:ScheduleKeyDeletionPendingWindowInDays", String.valueOf(window)));
        Instant date = Times.now(clock).plus(window, ChronoUnit.DAYS);
        KeyRecord changed = changes.change(call, key, now -> now.pendingDeletion(date, window));
        call.responded("keyId", changed.arn());
        call.responded("keyState", changed.state().wireName());
        call.responded("deletionDate", date.toString());
        call.responded("pendingWindowInDays", window);
        return new KmsResponse.ScheduleKeyDeletion(changed.arn(), date, changed.state(), window);
    }

    /** Leaves the key disabled, as AWS does. */
    KmsResponse.KeyName cancelKeyDeletion(Call call, KmsRequest.CancelKeyDeletion request) {
        call.parameter("keyId", request.keyId());
        KnownKey key = access.key(call, request.keyId(), Conditions.none());
        changes.change(call, key, now -> now.withState(KeyState.DISABLED));
        call.responded("keyId", key.key().arn());
        return new KmsResponse.KeyName(key.key().arn());
    }

    KmsResponse.Empty updateKeyDescription(Call call, KmsRequest.UpdateKeyDescription request) {
        call.parameter("keyId", request.keyId()).parameter("description", request.description());
        KnownKey key = access.key(call, request.keyId(), Conditions.none());
        changes.change(call, key, now -> now.withDescription(request.description()));
        call.responded("keyId", key.key().arn());
        return new KmsResponse.Empty();
    }

    private KeyRecord newKey(Call call, KmsRequest.CreateKey request) {
        Instant now = Times.now(clock);
        Map<String, String> tags = new TreeMap<>();
        request.tags().forEach(tag -> tags.put(tag.tagKey(), tag.tagValue()));
        String policy = request.policy();
        return new KeyRecord(
                call.accountId(),
                call.region(),
                UUID.randomUUID().toString(),
                request.description(),
                now,
                KeyState.ENABLED,
                null,
                0,
                null,
                policy == null ? KeyPolicies.defaultPolicy(call.accountId()) : policy,
                new TreeMap<>(tags),
                KeyRecord.Rotation.OFF,
                0,
                List.of(new MaterialRecord(KeyMaterials.newId(), now, null)));
    }

    private static String spec(KmsRequest.CreateKey request) {
        String spec = request.keySpec();
        String older = request.customerMasterKeySpec();
        if (spec != null && older != null && !spec.equals(older)) {
            throw Checks.validation("You cannot specify KeySpec and CustomerMasterKeySpec in the same request."
                    + " CustomerMasterKeySpec is deprecated.");
        }
        if (spec != null) {
            return spec;
        }
        return older == null ? SYMMETRIC : older;
    }

    /** What the API has and this service has not is refused by its name, never made as something else. */
    private static void requireSupported(
            KmsRequest.CreateKey request, String spec, @Nullable String usage, String origin) {
        if (!spec.equals(SYMMETRIC)) {
            if (usage == null) {
                throw Checks.validation(
                        "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.");
            }
            throw Checks.unsupported("KeySpec " + spec + " is not supported.");
        }
        if (usage != null && !usage.equals(ENCRYPT_DECRYPT)) {
            throw Checks.validation("KeyUsage " + usage + " is not compatible with KeySpec " + spec);
        }
        if (request.customKeyStoreId() != null) {
            throw Checks.unsupported("CustomKeyStoreId is not supported.");
        }
        if (request.xksKeyId() != null) {
            throw Checks.unsupported("XksKeyId is not supported.");
        }
        if (!origin.equals("AWS_KMS")) {
            throw Checks.unsupported("Origin " + origin + " is not supported.");
        }
        if (request.multiRegion()) {
            throw new KmsException(Code.UNSUPPORTED_OPERATION, "MultiRegion keys are not supported.");
        }
    }

    static List<Map<String, String>> tagParameters(List<Tag> tags) {
        return tags.stream()
                .map(tag -> Map.of("tagKey", tag.tagKey(), "tagValue", tag.tagValue()))
                .toList();
    }

    private static Map<String, Object> metadataForAudit(KeyRecord key) {
        Map<String, Object> metadata = new TreeMap<>();
        metadata.put("aWSAccountId", key.accountId());
        metadata.put("arn", key.arn());
        metadata.put("creationDate", key.creationDate().toString());
        metadata.put("currentKeyMaterialId", key.currentMaterial().id());
        metadata.put("description", key.description());
        metadata.put("enabled", key.state() == KeyState.ENABLED);
        metadata.put("encryptionAlgorithms", List.of(SYMMETRIC));
        metadata.put("keyId", key.keyId());
        metadata.put("keyManager", "CUSTOMER");
        metadata.put("keySpec", SYMMETRIC);
        metadata.put("customerMasterKeySpec", SYMMETRIC);
        metadata.put("keyState", key.state().wireName());
        metadata.put("keyUsage", ENCRYPT_DECRYPT);
        metadata.put("multiRegion", false);
        metadata.put("origin", "AWS_KMS");
        return metadata;
    }
}

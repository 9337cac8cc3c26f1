package dev.sallyport.kms.service;

import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.DataKey;
import dev.sallyport.kms.DecryptedKey;
import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.KeyDescription;
import dev.sallyport.kms.Kms;
import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.Wrapped;
import dev.sallyport.kms.access.AccessEvaluator;
import dev.sallyport.kms.audit.AuditLog;
import dev.sallyport.kms.cache.KeyCacheStats;
import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.kms.store.KeyStore;
import java.time.InstantSource;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The key management service. Every call takes the same way: name of a key → key → permission → state → the operation → one
 * audit event → the answer. Thread-safe.
 *
 * <p>A change of a key is seen by every request that begins after the change's answer: caches hold the store's epoch, which
 * the commit has raised by then.
 */
public final class KmsService implements Kms, AutoCloseable {
    private final KeyDirectory directory;
    private final Recorder recorder;
    private final KeyMaterials materials;
    private final KeyAccess access;
    private final KeyOperations keys;
    private final CryptoOperations crypto;
    private final AliasOperations aliases;
    private final TagOperations tags;
    private final PolicyOperations policies;
    private final RotationOperations rotations;
    private final GrantOperations grants;
    private final GrantTokens grantTokens;
    private final KmsMaintenance maintenance;

    /**
     * @param store stays open when this closes
     * @param domainKeys of the store's root key
     * @param clock of rotation, deletion and all dates; tests move it
     */
    public KmsService(
            KeyStore store, DomainKeys domainKeys, AccessEvaluator evaluator, AuditLog audit, InstantSource clock) {
        recorder = new Recorder(audit, clock);
        materials = new KeyMaterials(store, domainKeys);
        directory = new KeyDirectory(store, materials);
        access = new KeyAccess(
                directory, new ManagedKeys(store, materials, clock), evaluator, new GrantDirectory(store));
        KeyChanges changes = new KeyChanges(store, directory);
        Markers markers = new Markers(domainKeys);
        keys = new KeyOperations(store, access, materials, changes, markers, clock);
        crypto = new CryptoOperations(access, directory, materials);
        aliases = new AliasOperations(store, access, directory, markers, clock);
        tags = new TagOperations(access, changes, markers);
        policies = new PolicyOperations(access, changes, markers, clock);
        rotations = new RotationOperations(access, changes, materials, markers, clock);
        grantTokens = new GrantTokens(domainKeys);
        grants = new GrantOperations(store, access, grantTokens, new GrantHolders(evaluator), markers, clock);
        maintenance = new KmsMaintenance(store, materials, new ServiceEvents(store, recorder), clock);
    }

    /**
     * Answers a request of the API. The caller closes the response, and awaits the receipt before it sends it on.
     *
     * @throws KmsException when it is refused; its audit event is durable then
     */
    public Answer<KmsResponse> call(CallContext context, KmsRequest request) {
        return recorder.run(new Call(context, request.operation()), call -> dispatch(call, request));
    }

    /**
     * Leaves the audit event of an authenticated call that was refused before it reached an operation, such as one that
     * failed validation.
     *
     * @param eventName the operation's name; letters and digits, at most 128
     */
    public void recordRefusal(CallContext context, String eventName, KmsException refusal) {
        Operation operation = Operation.of(eventName);
        recorder.refused(context, eventName, operation != null && operation.readOnly(), refusal);
    }

    /** The rotations and deletions that are due; whoever owns this runs them, usually every minute. */
    public KmsMaintenance maintenance() {
        return maintenance;
    }

    /** Of the cache of key material; for metrics. */
    public KeyCacheStats materialCache() {
        return materials.stats();
    }

    private KmsResponse dispatch(Call call, KmsRequest request) {
        grantTokens.check(call.context());
        return switch (request) {
            case KmsRequest.CreateKey r -> keys.createKey(call, r);
            case KmsRequest.DescribeKey r -> keys.describeKey(call, r);
            case KmsRequest.ListKeys r -> keys.listKeys(call, r);
            case KmsRequest.EnableKey r -> keys.enableKey(call, r);
            case KmsRequest.DisableKey r -> keys.disableKey(call, r);
            case KmsRequest.ScheduleKeyDeletion r -> keys.scheduleKeyDeletion(call, r);
            case KmsRequest.CancelKeyDeletion r -> keys.cancelKeyDeletion(call, r);
            case KmsRequest.UpdateKeyDescription r -> keys.updateKeyDescription(call, r);
            case KmsRequest.CreateAlias r -> aliases.createAlias(call, r);
            case KmsRequest.UpdateAlias r -> aliases.updateAlias(call, r);
            case KmsRequest.DeleteAlias r -> aliases.deleteAlias(call, r);
            case KmsRequest.ListAliases r -> aliases.listAliases(call, r);
            case KmsRequest.TagResource r -> tags.tagResource(call, r);
            case KmsRequest.UntagResource r -> tags.untagResource(call, r);
            case KmsRequest.ListResourceTags r -> tags.listResourceTags(call, r);
            case KmsRequest.GetKeyPolicy r -> policies.getKeyPolicy(call, r);
            case KmsRequest.PutKeyPolicy r -> policies.putKeyPolicy(call, r);
            case KmsRequest.ListKeyPolicies r -> policies.listKeyPolicies(call, r);
            case KmsRequest.Encrypt r -> crypto.encrypt(call, r);
            case KmsRequest.Decrypt r -> crypto.decrypt(call, r);
            case KmsRequest.ReEncrypt r -> crypto.reEncrypt(call, r);
            case KmsRequest.GenerateDataKey r -> crypto.generateDataKey(call, r);
            case KmsRequest.GenerateRandom r -> crypto.generateRandom(call, r);
            case KmsRequest.EnableKeyRotation r -> rotations.enableKeyRotation(call, r);
            case KmsRequest.DisableKeyRotation r -> rotations.disableKeyRotation(call, r);
            case KmsRequest.GetKeyRotationStatus r -> rotations.getKeyRotationStatus(call, r);
            case KmsRequest.RotateKeyOnDemand r -> rotations.rotateKeyOnDemand(call, r);
            case KmsRequest.ListKeyRotations r -> rotations.listKeyRotations(call, r);
            case GrantRequest r -> grants.call(call, r);
        };
    }

    @Override
    public DataKey generateDataKey(CallContext call, String keyId, EncryptionContext context, int numberOfBytes) {
        if (numberOfBytes < 1 || numberOfBytes > 1024) {
            throw new IllegalArgumentException("a data key has 1 to 1024 bytes, not " + numberOfBytes);
        }
        KmsRequest.GenerateDataKey request =
                new KmsRequest.GenerateDataKey(keyId, context, numberOfBytes, null, false, false, true);
        Call inner = new Call(call, request.operation());
        Answer<KmsResponse> answer = recorder.run(inner, c -> crypto.generateDataKey(c, request));
        KmsResponse.Plaintext made = (KmsResponse.Plaintext) answer.response();
        return new DataKey(
                Objects.requireNonNull(made.keyId()),
                made.plaintext(),
                Objects.requireNonNull(made.ciphertextBlob()).toArray(),
                answer.receipt());
    }

    @Override
    public DecryptedKey decrypt(CallContext call, byte[] wrapped, EncryptionContext context, @Nullable String keyId) {
        KmsRequest.Decrypt request =
                new KmsRequest.Decrypt(Bytes.copyOf(wrapped), context, keyId, null, false, false, false);
        Answer<KmsResponse.Plaintext> answer =
                recorder.run(new Call(call, request.operation()), c -> crypto.decrypt(c, request));
        KmsResponse.Plaintext opened = answer.response();
        return new DecryptedKey(Objects.requireNonNull(opened.keyId()), opened.plaintext(), answer.receipt());
    }

    @Override
    public Wrapped encrypt(CallContext call, String keyId, byte[] plaintext, EncryptionContext context) {
        try (SecretBytes secret = SecretBytes.copyOf(plaintext)) {
            KmsRequest.Encrypt request = new KmsRequest.Encrypt(keyId, secret, context, null, false);
            Answer<KmsResponse.Encrypt> answer =
                    recorder.run(new Call(call, request.operation()), c -> crypto.encrypt(c, request));
            KmsResponse.Encrypt made = answer.response();
            return new Wrapped(made.keyId(), made.ciphertextBlob().toArray(), answer.receipt());
        }
    }

    @Override
    public Wrapped reEncrypt(
            CallContext call,
            byte[] wrapped,
            EncryptionContext source,
            String destinationKeyId,
            EncryptionContext destination) {
        KmsRequest.ReEncrypt request = new KmsRequest.ReEncrypt(
                Bytes.copyOf(wrapped), source, null, destinationKeyId, destination, null, null, false, false);
        Answer<KmsResponse.ReEncrypt> answer =
                recorder.run(new Call(call, request.operation()), c -> crypto.reEncrypt(c, request));
        KmsResponse.ReEncrypt made = answer.response();
        return new Wrapped(made.keyId(), made.ciphertextBlob().toArray(), answer.receipt());
    }

    @Override
    public KeyDescription describeKey(CallContext call, String keyId) {
        KmsRequest.DescribeKey request = new KmsRequest.DescribeKey(keyId);
        Answer<KmsResponse.KeyDetails> answer =
                recorder.run(new Call(call, request.operation()), c -> keys.describeKey(c, request));
        answer.receipt().await();
        KeyMetadata key = answer.response().keyMetadata();
        return new KeyDescription(
                key.arn(), key.keyId(), key.awsManaged(), key.keyState().wireName());
    }

    @Override
    public String keyArn(CallContext call, String keyId) {
        return access.arnOf(call, keyId);
    }

    @Override
    public void authorizeCachedUse(CallContext context, String keyId, String action, EncryptionContext encryption) {
        Operation operation = Operation.of(action.startsWith("kms:") ? action.substring(4) : action);
        if (operation == null) {
            throw new IllegalArgumentException("no operation of this service: " + action);
        }
        Call call = new Call(context, operation);
        call.parameter("keyId", keyId).parameter("encryptionContext", encryption.isEmpty() ? null : encryption.pairs());
        recorder.check(
                call,
                c -> access.keyOrAlias(c, keyId, Conditions.of(encryption))
                        .key()
                        .requireEnabled());
    }

    @Override
    public long stateEpoch() {
        return directory.epoch();
    }

    /** Zeroes the material that is held in memory. */
    @Override
    public void close() {
        materials.close();
    }
}

package dev.sallyport.kms.service;

import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.DataKey;
import dev.sallyport.kms.DecryptedKey;
import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.KeyDescription;
import dev.sallyport.kms.Kms;
import dev.sallyport.kms.Wrapped;
import dev.sallyport.kms.audit.AuditLog;
import java.time.InstantSource;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Another KMS, whose calls leave an audit event here too: its own events name the credentials that this process signs with,
 * these name the caller on whose behalf it asks. Thread-safe.
 */
public final class AuditedKms implements Kms {
    private final Kms kms;
    private final Recorder recorder;

    /** @param kms stays its owner's to close */
    public AuditedKms(Kms kms, AuditLog audit, InstantSource clock) {
        this.kms = kms;
        this.recorder = new Recorder(audit, clock);
    }

    @Override
    public DataKey generateDataKey(CallContext context, String keyId, EncryptionContext encryption, int numberOfBytes) {
        Answer<KmsResponse.Plaintext> answer = run(context, Operation.GENERATE_DATA_KEY, keyId, encryption, call -> {
            DataKey made = kms.generateDataKey(
                    call.parameter("numberOfBytes", numberOfBytes).context(), keyId, encryption, numberOfBytes);
            call.touched(made.keyArn());
            return new KmsResponse.Plaintext(made.plaintext(), made.keyArn(), null, Bytes.wrap(made.wrapped()));
        });
        KmsResponse.Plaintext made = answer.response();
        return new DataKey(
                Objects.requireNonNull(made.keyId()),
                made.plaintext(),
                Objects.requireNonNull(made.ciphertextBlob()).toArray(),
                answer.receipt());
    }

    @Override
    public DecryptedKey decrypt(
            CallContext context, byte[] wrapped, EncryptionContext encryption, @Nullable String keyId) {
        Answer<KmsResponse.Plaintext> answer = run(context, Operation.DECRYPT, keyId, encryption, call -> {
            DecryptedKey opened = kms.decrypt(call.context(), wrapped, encryption, keyId);
            call.touched(opened.keyArn());
            return new KmsResponse.Plaintext(opened.plaintext(), opened.keyArn(), null, null);
        });
        KmsResponse.Plaintext opened = answer.response();
        return new DecryptedKey(Objects.requireNonNull(opened.keyId()), opened.plaintext(), answer.receipt());
    }

    @Override
    public Wrapped encrypt(CallContext context, String keyId, byte[] plaintext, EncryptionContext encryption) {
        Answer<KmsResponse.Encrypt> answer = run(context, Operation.ENCRYPT, keyId, encryption, call -> {
            Wrapped made = kms.encrypt(call.context(), keyId, plaintext, encryption);
            call.touched(made.keyArn());
            return new KmsResponse.Encrypt(made.keyArn(), Bytes.wrap(made.bytes()));
        });
        KmsResponse.Encrypt made = answer.response();
        return new Wrapped(made.keyId(), made.ciphertextBlob().toArray(), answer.receipt());
    }

    @Override
    public Wrapped reEncrypt(
            CallContext context,
            byte[] wrapped,
            EncryptionContext source,
            String destinationKeyId,
            EncryptionContext destination) {
        Call call = new Call(context, Operation.RE_ENCRYPT)
                .parameter("destinationKeyId", destinationKeyId)
                .parameter("sourceEncryptionContext", source.isEmpty() ? null : source.pairs())
                .parameter("destinationEncryptionContext", destination.isEmpty() ? null : destination.pairs());
        Answer<KmsResponse.Encrypt> answer = recorder.run(call, c -> {
            Wrapped made = kms.reEncrypt(context, wrapped, source, destinationKeyId, destination);
            c.touched(made.keyArn());
            return new KmsResponse.Encrypt(made.keyArn(), Bytes.wrap(made.bytes()));
        });
        KmsResponse.Encrypt made = answer.response();
        return new Wrapped(made.keyId(), made.ciphertextBlob().toArray(), answer.receipt());
    }

    @Override
    public KeyDescription describeKey(CallContext context, String keyId) {
        KeyDescription[] found = new KeyDescription[1];
        Answer<KmsResponse.Empty> answer =
                run(context, Operation.DESCRIBE_KEY, keyId, EncryptionContext.EMPTY, call -> {
                    KeyDescription key = kms.describeKey(call.context(), keyId);
                    call.touched(key.arn());
                    found[0] = key;
                    return new KmsResponse.Empty();
                });
        answer.receipt().await();
        return found[0];
    }

    /** {@inheritDoc} No use of a key, so no event. */
    @Override
    public String keyArn(CallContext context, String keyId) {
        return kms.keyArn(context, keyId);
    }

    /** {@inheritDoc} As with this service itself, only a denial leaves an event. */
    @Override
    public void authorizeCachedUse(CallContext context, String keyId, String action, EncryptionContext encryption) {
        Operation operation = Operation.of(action.startsWith("kms:") ? action.substring(4) : action);
        if (operation == null) {
            throw new IllegalArgumentException("no operation of this service: " + action);
        }
        recorder.check(
                call(context, operation, keyId, encryption),
                call -> kms.authorizeCachedUse(call.context(), keyId, action, encryption));
    }

    @Override
    public long stateEpoch() {
        return kms.stateEpoch();
    }

    private <R extends KmsResponse> Answer<R> run(
            CallContext context,
            Operation operation,
            @Nullable String keyId,
            EncryptionContext encryption,
            Function<Call, R> work) {
        return recorder.run(call(context, operation, keyId, encryption), work);
    }

    private static Call call(
            CallContext context, Operation operation, @Nullable String keyId, EncryptionContext encryption) {
        return new Call(context, operation)
                .parameter("keyId", keyId)
                .parameter("encryptionContext", encryption.isEmpty() ? null : encryption.pairs());
    }
}

package dev.sallyport.gateway.object;

import dev.sallyport.kms.AuditReceipt;
import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.DataKey;
import dev.sallyport.kms.DecryptedKey;
import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.KeyDescription;
import dev.sallyport.kms.Kms;
import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.Wrapped;
import dev.sallyport.kms.crypto.AesGcm;
import dev.sallyport.kms.crypto.AuthenticationFailedException;
import dev.sallyport.kms.crypto.RandomBytes;
import dev.sallyport.kms.crypto.SecretBytes;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A key service of one key, which notes its calls and can be told to refuse. */
final class FakeKms implements Kms {
    static final String KEY_ARN = "arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab";

    final List<String> calls = new CopyOnWriteArrayList<>();
    volatile boolean denied;
    volatile long epoch = 1;
    private final SecretBytes master = SecretBytes.random(32);

    @Override
    public DataKey generateDataKey(CallContext call, String keyId, EncryptionContext context, int numberOfBytes) {
        note("GenerateDataKey", context);
        SecretBytes key = SecretBytes.random(numberOfBytes);
        return new DataKey(KEY_ARN, key, key.use(bytes -> wrap(bytes, context)), AuditReceipt.DONE);
    }

    @Override
    public DecryptedKey decrypt(CallContext call, byte[] wrapped, EncryptionContext context, @Nullable String keyId) {
        note("Decrypt", context);
        try {
            ByteBuffer from = ByteBuffer.wrap(wrapped);
            byte[] nonce = new byte[12];
            byte[] sealed = new byte[wrapped.length - 12];
            from.get(nonce).get(sealed);
            return new DecryptedKey(
                    KEY_ARN,
                    SecretBytes.takeOver(AesGcm.open(master, nonce, context.canonicalBytes(), sealed)),
                    AuditReceipt.DONE);
        } catch (AuthenticationFailedException e) {
            throw KmsException.invalidCiphertext();
        }
    }

    @Override
    public Wrapped encrypt(CallContext call, String keyId, byte[] plaintext, EncryptionContext context) {
        note("Encrypt", context);
        return new Wrapped(KEY_ARN, wrap(plaintext, context), AuditReceipt.DONE);
    }

    @Override
    public Wrapped reEncrypt(
            CallContext call,
            byte[] wrapped,
            EncryptionContext source,
            String destinationKeyId,
            EncryptionContext destination) {
        try (DecryptedKey key = decrypt(call, wrapped, source, null)) {
            return key.plaintext().use(bytes -> encrypt(call, destinationKeyId, bytes, destination));
        }
    }

    @Override
    public KeyDescription describeKey(CallContext call, String keyId) {
        return new KeyDescription(KEY_ARN, KEY_ARN.substring(KEY_ARN.indexOf('/') + 1), false, "Enabled");
    }

    @Override
    public void authorizeCachedUse(CallContext call, String keyArn, String action, EncryptionContext context) {
        if (denied) {
            note(action, context);
        }
    }

    @Override
    public String keyArn(CallContext call, String keyId) {
        return KEY_ARN;
    }

    @Override
    public long stateEpoch() {
        return epoch;
    }

    private void note(String call, EncryptionContext context) {
        calls.add(call + " " + context.pairs().get("aws:s3:arn"));
        if (denied) {
            throw new KmsException(KmsException.Code.ACCESS_DENIED, "denied");
        }
    }

    private byte[] wrap(byte[] bytes, EncryptionContext context) {
        byte[] nonce = RandomBytes.of(12);
        byte[] sealed = AesGcm.seal(master, nonce, context.canonicalBytes(), bytes);
        return ByteBuffer.allocate(12 + sealed.length).put(nonce).put(sealed).array();
    }
}

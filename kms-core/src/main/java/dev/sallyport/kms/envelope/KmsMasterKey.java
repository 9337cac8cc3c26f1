package dev.sallyport.kms.envelope;

import dev.sallyport.kms.DecryptedKey;
import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.KmsAccess;
import dev.sallyport.kms.Wrapped;
import dev.sallyport.kms.crypto.SecretBytes;

/**
 * A key of a KMS: Sallyport's own in this process, a gateway's, or AWS's. Wrapping is one Encrypt, opening one Decrypt, each
 * with the envelope's encryption context, so that policies, grants and the audit trail see it. What waits for an audit event
 * is waited for here.
 */
public final class KmsMasterKey implements MasterKey {
    private final KmsAccess kms;
    private final String keyId;

    /**
     * @param kms stays open and the caller's
     * @param keyId key id, key ARN, alias name or alias ARN
     */
    public KmsMasterKey(KmsAccess kms, String keyId) {
        this.kms = kms;
        this.keyId = keyId;
    }

    /** Opens with any key of {@code kms} that the caller may use: the envelope says which. */
    public static KeyUnwrapper anyOf(KmsAccess kms) {
        return new KeyUnwrapper() {
            @Override
            public boolean accepts(KeyWrap wrap) {
                return wrap.provider() == KeyWrap.KMS;
            }

            @Override
            public SecretBytes unwrap(KeyWrap wrap, EncryptionContext context) {
                return decrypt(kms, wrap, context, wrap.keyId());
            }
        };
    }

    @Override
    public KeyWrap wrap(SecretBytes dataKey, EncryptionContext context) {
        return kms.ask((service, call) -> {
            Wrapped wrapped = dataKey.use(bytes -> service.encrypt(call, keyId, bytes, context));
            wrapped.receipt().await();
            return new KeyWrap(KeyWrap.KMS, wrapped.keyArn(), wrapped.bytes());
        });
    }

    /** {@inheritDoc} An alias may stand for any key, so only the KMS can tell. */
    @Override
    public boolean accepts(KeyWrap wrap) {
        if (wrap.provider() != KeyWrap.KMS) {
            return false;
        }
        boolean alias = keyId.startsWith("alias/") || keyId.contains(":alias/");
        return alias || wrap.keyId().equals(keyId) || wrap.keyId().endsWith(":key/" + keyId);
    }

    @Override
    public SecretBytes unwrap(KeyWrap wrap, EncryptionContext context) {
        return decrypt(kms, wrap, context, keyId);
    }

    private static SecretBytes decrypt(KmsAccess kms, KeyWrap wrap, EncryptionContext context, String keyId) {
        return kms.ask((service, call) -> {
            try (DecryptedKey opened = service.decrypt(call, wrap.bytes(), context, keyId)) {
                opened.receipt().await();
                return opened.plaintext().slice(0, opened.plaintext().length());
            }
        });
    }
}

package dev.sallyport.kms;

import org.jspecify.annotations.Nullable;

/**
 * A key service, as far as the gateway and the volume agent need one. Wrapped keys are opaque bytes. Every method
 * authorises the caller (and, with {@link CallContext#viaService()}, the service on its behalf), enforces the key's state,
 * and leaves one audit event; all block, and throw {@link KmsException} for whatever is refused.
 */
public interface Kms {
    /**
     * Makes a data key of {@code numberOfBytes} (1 to 1,024) and wraps it.
     *
     * @param keyId key id, key ARN, alias name or alias ARN
     */
    DataKey generateDataKey(CallContext call, String keyId, EncryptionContext context, int numberOfBytes);

    /**
     * Opens a wrapped key.
     *
     * @param keyId the key that must have wrapped it ({@code IncorrectKeyException} if another did); null for any
     */
    DecryptedKey decrypt(CallContext call, byte[] wrapped, EncryptionContext context, @Nullable String keyId);

    /** Wraps given bytes, at most 4,096. */
    Wrapped encrypt(CallContext call, String keyId, byte[] plaintext, EncryptionContext context);

    /** Opens a wrapped key and wraps it under another key or context; the plaintext never leaves the service. */
    Wrapped reEncrypt(
            CallContext call,
            byte[] wrapped,
            EncryptionContext source,
            String destinationKeyId,
            EncryptionContext destination);

    /** Resolves an id, alias or ARN. Predefined aliases ({@code alias/aws/s3}) make their managed key at first use. */
    KeyDescription describeKey(CallContext call, String keyId);

    /**
     * The key ARN that a name stands for, for conditions of policies: no permission is asked for, nothing is made, and no
     * event is left, so it is not for callers' eyes. A name that stands for no key comes back in its most complete form.
     *
     * @param keyId key id, key ARN, alias name or alias ARN
     */
    String keyArn(CallContext call, String keyId);

    /**
     * Authorises a use of a key that a cache is about to answer (a bucket key), without an event when it is allowed; a
     * denial leaves one and throws. Also enforces the key's state.
     *
     * @param keyId as the caller named the key: id, ARN or alias
     * @param action such as {@code kms:Decrypt}
     */
    void authorizeCachedUse(CallContext call, String keyId, String action, EncryptionContext context);

    /** A number that changes with every change of any key's state, policy or material; cached keys of another are stale. */
    long stateEpoch();
}

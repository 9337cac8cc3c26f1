package dev.sallyport.kms.envelope;

import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.crypto.SecretBytes;

/** Something that opens wrapped data keys: one master key, or whatever keys a KMS lets its caller use. */
public interface KeyUnwrapper {
    /** Whether {@link #unwrap} is worth trying: it may still fail. Asks nobody. */
    boolean accepts(KeyWrap wrap);

    /**
     * Opens a wrapped key. The caller closes what it gets.
     *
     * @throws dev.sallyport.kms.KmsException when a KMS refuses, or does not answer
     * @throws dev.sallyport.kms.crypto.AuthenticationFailedException when it was not wrapped with this key and context
     */
    SecretBytes unwrap(KeyWrap wrap, EncryptionContext context);
}

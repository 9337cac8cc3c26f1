package dev.sallyport.kms.envelope;

import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.crypto.SecretBytes;

/** Something that wraps data keys: one master key. */
@FunctionalInterface
public interface KeyWrapper {
    /**
     * Wraps 32 bytes. It is the wrapping that must bind the context: what was wrapped with one never opens with another.
     *
     * @param dataKey the caller keeps and closes it
     * @throws dev.sallyport.kms.KmsException when a KMS refuses, or does not answer
     */
    KeyWrap wrap(SecretBytes dataKey, EncryptionContext context);
}

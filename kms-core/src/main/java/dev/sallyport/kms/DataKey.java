package dev.sallyport.kms;

import dev.sallyport.kms.crypto.SecretBytes;

/**
 * A fresh data key, in plaintext and wrapped. A class and no record, since it holds a secret.
 *
 * @see <a href="https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html">GenerateDataKey</a>
 */
public final class DataKey implements AutoCloseable {
    private final String keyArn;
    private final SecretBytes plaintext;
    private final byte[] wrapped;
    private final AuditReceipt receipt;

    public DataKey(String keyArn, SecretBytes plaintext, byte[] wrapped, AuditReceipt receipt) {
        this.keyArn = keyArn;
        this.plaintext = plaintext;
        this.wrapped = wrapped.clone();
        this.receipt = receipt;
    }

    /** ARN of the KMS key that wrapped it. */
    public String keyArn() {
        return keyArn;
    }

    /** The key itself; closed with this object. */
    public SecretBytes plaintext() {
        return plaintext;
    }

    /** The ciphertext blob, opaque to the caller; at most 6,144 bytes. */
    public byte[] wrapped() {
        return wrapped.clone();
    }

    public AuditReceipt receipt() {
        return receipt;
    }

    @Override
    public void close() {
        plaintext.close();
    }
}

package dev.sallyport.kms;

import dev.sallyport.kms.crypto.SecretBytes;

/** What {@link Kms#decrypt} opened. A class and no record, since it holds a secret. */
public final class DecryptedKey implements AutoCloseable {
    private final String keyArn;
    private final SecretBytes plaintext;
    private final AuditReceipt receipt;

    public DecryptedKey(String keyArn, SecretBytes plaintext, AuditReceipt receipt) {
        this.keyArn = keyArn;
        this.plaintext = plaintext;
        this.receipt = receipt;
    }

    /** ARN of the KMS key that opened it. */
    public String keyArn() {
        return keyArn;
    }

    /** The plaintext; closed with this object. */
    public SecretBytes plaintext() {
        return plaintext;
    }

    public AuditReceipt receipt() {
        return receipt;
    }

    @Override
    public void close() {
        plaintext.close();
    }
}

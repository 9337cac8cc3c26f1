package dev.sallyport.kms;

/**
 * A ciphertext blob and the key that made it.
 *
 * <p>A class and no record, since it holds an array.
 */
public final class Wrapped {
    private final String keyArn;
    private final byte[] bytes;
    private final AuditReceipt receipt;

    public Wrapped(String keyArn, byte[] bytes, AuditReceipt receipt) {
        this.keyArn = keyArn;
        this.bytes = bytes.clone();
        this.receipt = receipt;
    }

    public String keyArn() {
        return keyArn;
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    public AuditReceipt receipt() {
        return receipt;
    }
}

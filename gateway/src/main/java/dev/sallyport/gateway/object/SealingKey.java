package dev.sallyport.gateway.object;

import dev.sallyport.gateway.format.ObjectKeys;
import dev.sallyport.gateway.format.SseFacts;
import dev.sallyport.gateway.format.WrappedKey;
import dev.sallyport.kms.AuditReceipt;
import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.kms.envelope.CommittedKey;

/**
 * A data key in use: for an object that is being written, with how it is wrapped, or for one that is being read. A class and
 * no record, since it holds a secret.
 */
public final class SealingKey implements AutoCloseable {
    private final ObjectKeys keys;
    private final SecretBytes dataKey;
    private final WrappedKey wrapped;
    private final SseFacts sse;
    private final AuditReceipt receipt;

    SealingKey(ObjectKeys keys, SecretBytes dataKey, WrappedKey wrapped, SseFacts sse, AuditReceipt receipt) {
        this.keys = keys;
        this.dataKey = dataKey;
        this.wrapped = wrapped;
        this.sse = sse;
        this.receipt = receipt;
    }

    public ObjectKeys keys() {
        return keys;
    }

    /** Closed with this object. */
    public SecretBytes dataKey() {
        return dataKey;
    }

    public WrappedKey wrapped() {
        return wrapped;
    }

    public SseFacts sse() {
        return sse;
    }

    /** The public commitment to the data key, for the object's metadata. */
    public byte[] commitment() {
        return CommittedKey.commitment(dataKey);
    }

    /** Waits until the KMS call's audit event is durable; before any answer that builds on the key. */
    public void awaitAudit() {
        receipt.await();
    }

    @Override
    public void close() {
        dataKey.close();
    }
}

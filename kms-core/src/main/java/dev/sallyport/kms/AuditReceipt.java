package dev.sallyport.kms;

/**
 * The promise that a call's audit event is on its way to the disk. Whoever answers a client waits for it first; work that
 * the client does not see yet may run beside it.
 */
@FunctionalInterface
public interface AuditReceipt {
    /** An event that is durable already, or a call that by AWS's rules makes none. */
    AuditReceipt DONE = () -> {};

    /**
     * Waits until the event is durable.
     *
     * @throws KmsException {@code KMSInternalException} when it cannot be written: the request must then fail
     */
    void await();
}

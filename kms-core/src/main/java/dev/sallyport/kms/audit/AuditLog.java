package dev.sallyport.kms.audit;

import dev.sallyport.kms.AuditReceipt;

/** Where audit events go. */
public interface AuditLog {
    /**
     * Begins to write the event.
     *
     * @throws dev.sallyport.kms.KmsException {@code KMSInternalException} when the journal takes no events (a full disk, or
     *     latched after a failed fsync)
     */
    AuditReceipt append(AuditEvent event);

    /**
     * Asked before something is changed, so that nothing is changed that could not be recorded.
     *
     * @throws dev.sallyport.kms.KmsException {@code KMSInternalException} when the journal takes no events now
     */
    default void requireOpen() {}
}

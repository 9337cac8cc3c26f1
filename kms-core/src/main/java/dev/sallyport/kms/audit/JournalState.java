package dev.sallyport.kms.audit;

/** Whether a journal takes events. */
public enum JournalState {
    OPEN,
    /** The last write failed; it takes events again by itself once there is space. */
    DISK_FULL,
    /** An fsync failed: what is on the disk is unknown, and only a restart reads it again. */
    LATCHED,
    CLOSED
}

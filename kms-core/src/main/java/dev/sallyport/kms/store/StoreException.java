package dev.sallyport.kms.store;

/**
 * A key store that cannot be opened, read or written. The message is one line for an operator and holds no secret; there is
 * no stack trace, since it is a state of the machine and no defect.
 */
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    public StoreException(Reason reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }

    @Override
    public String getMessage() {
        String message = super.getMessage();
        return message == null ? "" : message;
    }

    /** What is wrong. */
    public enum Reason {
        /** Another process owns the key store. */
        IN_USE,
        /** There is no key store, or part of one, where it should be; or one is where none should be. */
        MISPLACED,
        /** A file's mode lets others read or change it. */
        PERMISSIONS,
        /** A row or the database itself is damaged. */
        CORRUPT,
        /** The store is older than, or other than, what was seen before. */
        ROLLED_BACK,
        /** The disk is full: nothing was written, and a later attempt may succeed. */
        FULL,
        /** A failed fsync: what is on the disk is uncertain, so nothing more is written until a restart. */
        LATCHED,
        /** Another failure to read or write. */
        IO,
        /** A backup file is damaged, cut short or of an unknown version. */
        BAD_BACKUP,
        /** A request that the key store refuses, such as a principal that exists already. */
        REFUSED,
        /** The store has been closed. */
        CLOSED
    }
}

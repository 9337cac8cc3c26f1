package dev.sallyport.kms.seal;

/** A seal that cannot be made, read or opened. The message is one line for an operator and holds no secret. */
public final class SealException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    public SealException(Reason reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }

    /** What is wrong. */
    public enum Reason {
        /** No seal opens with the secret given. */
        WRONG_SECRET,
        /** The secret itself is unusable: missing, too short or long, readable by others. */
        BAD_SECRET,
        /** The file of seals is malformed, or of an unknown version. */
        MALFORMED,
        /** The change is not allowed, such as removing the last seal. */
        REFUSED
    }
}

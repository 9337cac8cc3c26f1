package dev.sallyport.kms.envelope;

import java.io.IOException;

/**
 * An envelope that is not opened. The message is one line for people, and holds neither secrets nor plaintext. Without a
 * stack trace: it is an answer, not a defect.
 */
public final class EnvelopeException extends IOException {
    private static final long serialVersionUID = 1L;

    /** What is wrong. */
    public enum Reason {
        /** It is no envelope, or its header breaks the format's rules or was cut. */
        MALFORMED,
        /** Its version, plan or combination is not known here. */
        UNSUPPORTED,
        /** Its encryption context is not the one that the reader requires. */
        CONTEXT,
        /** The keys at hand do not open it. */
        NO_KEY,
        /** Header or body were altered, cut short or extended. */
        ALTERED
    }

    private final Reason reason;

    EnvelopeException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}

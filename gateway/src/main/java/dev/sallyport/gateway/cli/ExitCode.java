package dev.sallyport.gateway.cli;

import dev.sallyport.kms.envelope.EnvelopeException;
import dev.sallyport.kms.seal.SealException;
import dev.sallyport.kms.store.StoreException;

/** Exit codes of {@code sallyport}. */
final class ExitCode {
    static final int OK = 0;

    /** The command failed. */
    static final int FAILED = 1;

    /** The command line is wrong. */
    static final int USAGE = 2;

    /** Another process owns the key store. */
    static final int IN_USE = 3;

    /** The secret given opens no seal, or is unusable. */
    static final int WRONG_SECRET = 4;

    /** Key store, backup or envelope are damaged, edited, rolled back or cut short. */
    static final int INTEGRITY = 5;

    private ExitCode() {}

    static int of(StoreException e) {
        return switch (e.reason()) {
            case IN_USE -> IN_USE;
            case CORRUPT, ROLLED_BACK, BAD_BACKUP -> INTEGRITY;
            case MISPLACED, PERMISSIONS, FULL, LATCHED, IO, REFUSED, CLOSED -> FAILED;
        };
    }

    static int of(SealException e) {
        return switch (e.reason()) {
            case WRONG_SECRET, BAD_SECRET -> WRONG_SECRET;
            case MALFORMED -> INTEGRITY;
            case REFUSED -> FAILED;
        };
    }

    static int of(EnvelopeException e) {
        return switch (e.reason()) {
            case ALTERED -> INTEGRITY;
            case MALFORMED, UNSUPPORTED, CONTEXT, NO_KEY -> FAILED;
        };
    }

    static int of(EnvelopeFiles.IncompleteException e) {
        return e.getCause() instanceof EnvelopeException envelope ? of(envelope) : FAILED;
    }
}

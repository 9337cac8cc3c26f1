package dev.sallyport.kms.audit;

/** A journal whose acknowledged records are damaged or were edited. The message names file and offset. */
public final class JournalCorruptException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public JournalCorruptException(String message) {
        super(message);
    }
}

package dev.sallyport.volume.luks;

/** An image that is no LUKS2 image, a damaged one, or one that uses what this agent does not support. One line, for people. */
public final class LuksException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public LuksException(String message) {
        super(message, null, false, false);
    }
}

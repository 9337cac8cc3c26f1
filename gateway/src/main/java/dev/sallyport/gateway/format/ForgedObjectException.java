package dev.sallyport.gateway.format;

/**
 * What the store gave is not an object of this gateway, or not as the gateway left it. The message says why, for the log;
 * clients learn no more than that access is denied.
 */
public final class ForgedObjectException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ForgedObjectException(String message) {
        super(message, null, false, false);
    }
}

package dev.sallyport.gateway.http;

/** A request body over the limit of its operation. */
public final class BodyTooLargeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BodyTooLargeException(long limit) {
        super("body over " + limit + " bytes", null, false, false);
    }
}

package dev.sallyport.gateway.backend;

/** The store did not answer, or not as an S3 store does. Clients see 503 with Retry-After. */
public final class BackendUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BackendUnavailableException(String message) {
        super(message, null, false, false);
    }
}

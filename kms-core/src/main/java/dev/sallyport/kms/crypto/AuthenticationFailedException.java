package dev.sallyport.kms.crypto;

/**
 * The one failure of everything that opens or verifies: wrong key, altered bytes, wrong additional data, malformed input.
 * Its message is empty and it has no stack trace, cause or suppressed exceptions, so that nothing tells these apart.
 */
public final class AuthenticationFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public AuthenticationFailedException() {
        super("", null, false, false);
    }
}

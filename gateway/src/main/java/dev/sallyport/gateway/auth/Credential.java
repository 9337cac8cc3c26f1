package dev.sallyport.gateway.auth;

import dev.sallyport.kms.Caller;
import dev.sallyport.kms.crypto.SecretBytes;

/**
 * An access key that may sign now, and whose it is. A class and no record, since it holds a secret, which stays its owner's
 * to close.
 */
public final class Credential {
    private final Caller caller;
    private final SecretBytes secret;

    public Credential(Caller caller, SecretBytes secret) {
        this.caller = caller;
        this.secret = secret;
    }

    public Caller caller() {
        return caller;
    }

    public SecretBytes secret() {
        return secret;
    }
}

package dev.sallyport.kms.principal;

import dev.sallyport.kms.crypto.SecretBytes;

/** An access key just made: the only time that its secret leaves the key store. */
public final class NewAccessKey implements AutoCloseable {
    private final String arn;
    private final String id;
    private final SecretBytes secret;

    NewAccessKey(String arn, String id, SecretBytes secret) {
        this.arn = arn;
        this.id = id;
        this.secret = secret;
    }

    /** The user's ARN. */
    public String arn() {
        return arn;
    }

    public String id() {
        return id;
    }

    /** The secret access key, 40 ASCII characters. */
    public SecretBytes secret() {
        return secret;
    }

    @Override
    public void close() {
        secret.close();
    }

    @Override
    public String toString() {
        return "NewAccessKey[" + id + ", secret redacted]";
    }
}

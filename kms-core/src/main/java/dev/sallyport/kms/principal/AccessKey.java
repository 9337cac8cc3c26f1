package dev.sallyport.kms.principal;

import dev.sallyport.kms.Caller;
import dev.sallyport.kms.crypto.SecretBytes;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** An access key, with its secret and the principal that it authenticates. A class and no record, since it holds a secret. */
public final class AccessKey {
    private final AccessKeyInfo info;
    private final Caller caller;
    private final boolean principalEnabled;
    private final SecretBytes secret;

    AccessKey(AccessKeyInfo info, Caller caller, boolean principalEnabled, SecretBytes secret) {
        this.info = info;
        this.caller = caller;
        this.principalEnabled = principalEnabled;
        this.secret = secret;
    }

    /** The access key id: 20 characters. */
    public String id() {
        return info.id();
    }

    /** What may be told of it. */
    public AccessKeyInfo info() {
        return info;
    }

    /** The secret access key, 40 ASCII characters. Shared: the caller must not close it. */
    public SecretBytes secret() {
        return secret;
    }

    /** Whose key it is, with this key's id. */
    public Caller caller() {
        return caller;
    }

    /** When it ends; null for never. */
    public @Nullable Instant expires() {
        return info.expires();
    }

    /** Whether it authenticates at {@code now}: key and principal enabled, and not expired. */
    public boolean isUsable(Instant now) {
        Instant expires = info.expires();
        return info.active() && principalEnabled && (expires == null || now.isBefore(expires));
    }

    @Override
    public String toString() {
        return "AccessKey[" + info.id() + ", secret redacted]";
    }
}

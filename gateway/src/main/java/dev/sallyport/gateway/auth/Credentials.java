package dev.sallyport.gateway.auth;

import java.time.Instant;
import java.util.Optional;

/** Where access keys are looked up. */
@FunctionalInterface
public interface Credentials {
    /**
     * The key of that id, if it exists and is enabled and not expired at {@code now}. For as long as its secret is the same,
     * the same {@link Credential#secret()} instance should come back: keys derived from it are cached by identity.
     */
    Optional<Credential> find(String accessKeyId, Instant now);
}

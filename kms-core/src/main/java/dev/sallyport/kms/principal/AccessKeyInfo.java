package dev.sallyport.kms.principal;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An access key without its secret.
 *
 * @param id 20 characters
 * @param type what it belongs to
 * @param active whether it is switched on
 * @param created when it was made
 * @param expires when it ends; null for never
 * @param session room for the name of a session; null for a user's own key
 */
public record AccessKeyInfo(
        String id,
        AccessKeyType type,
        boolean active,
        Instant created,
        @Nullable Instant expires,
        @Nullable String session) {
    AccessKeyInfo withActive(boolean other) {
        return new AccessKeyInfo(id, type, other, created, expires, session);
    }
}

package dev.sallyport.kms.audit;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What to look for in a journal; all that is given must hold.
 *
 * @param key a key ARN or key id
 * @param principal a principal's ARN or user name
 * @param event an operation's name, such as {@code Decrypt}
 * @param since the earliest time, inclusive
 * @param until the latest time, exclusive
 * @param success true for events without an error, false for those with one
 * @param requestId the request's id
 */
public record AuditQuery(
        @Nullable String key,
        @Nullable String principal,
        @Nullable String event,
        @Nullable Instant since,
        @Nullable Instant until,
        @Nullable Boolean success,
        @Nullable String requestId) {

    /** Whether the segment can hold a match. */
    boolean mayMatch(SegmentIndex index) {
        return index.overlaps(
                        since == null ? Long.MIN_VALUE : since.toEpochMilli(),
                        until == null ? Long.MAX_VALUE : until.toEpochMilli())
                && (key == null || index.mayContain(EventTokens.key(key)))
                && (principal == null || index.mayContain(EventTokens.principal(principal)))
                && (event == null || index.mayContain(EventTokens.event(event)))
                && (requestId == null || index.mayContain(EventTokens.request(requestId)));
    }

    boolean matches(JournalRecord record) {
        Instant time = record.time();
        if (!record.isEvent() || (since != null && time.isBefore(since)) || (until != null && !time.isBefore(until))) {
            return false;
        }
        JsonNode json = EventTokens.parse(record.json());
        return (key == null || hasKey(json, key))
                && (principal == null || hasPrincipal(json, principal))
                && (event == null || event.equals(json.path("eventName").asText()))
                && (success == null || success != json.has("errorCode"))
                && (requestId == null || requestId.equals(json.path("requestID").asText()));
    }

    private static boolean hasKey(JsonNode json, String key) {
        for (JsonNode resource : json.path("resources")) {
            String arn = resource.path("ARN").asText();
            if (key.equals(arn) || key.equals(EventTokens.keyId(arn))) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasPrincipal(JsonNode json, String principal) {
        JsonNode identity = json.path("userIdentity");
        return principal.equals(identity.path("arn").asText()) || principal.equals(EventTokens.userName(identity));
    }
}

package dev.sallyport.kms.access;

import dev.sallyport.kms.Caller;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request's condition keys, found without case, together with those that follow from the caller and the clock, which a
 * request cannot replace. Looked up one by one: a policy asks for a few of a dozen keys, and an index would cost more.
 */
final class RequestValues {
    private final AccessRequest request;
    private final Instant now;
    private final String action;

    RequestValues(AccessRequest request, Instant now) {
        this.request = request;
        this.now = now;
        this.action = request.action().toLowerCase(Locale.ROOT);
    }

    /** In lower case: actions are compared without case. */
    String action() {
        return action;
    }

    String resource() {
        return request.resource();
    }

    Caller caller() {
        return request.caller();
    }

    /** The values of a key (lower case), empty when the request has none. */
    List<String> get(String key) {
        Caller caller = request.caller();
        return switch (key) {
            case "aws:principalarn" -> List.of(caller.arn());
            case "aws:principalaccount" -> List.of(caller.accountId());
            case "aws:principaltype" -> List.of(caller.sessionName() == null ? "User" : "AssumedRole");
            case "aws:principalisawsservice" -> List.of("false");
            case "aws:userid" -> List.of(caller.principalId());
            case "aws:username" -> caller.sessionName() == null ? List.of(caller.userName()) : List.of();
            case "aws:currenttime" -> List.of(now.toString());
            case "aws:epochtime" -> List.of(Long.toString(now.getEpochSecond()));
            case "kms:calleraccount" -> action.startsWith("kms:") ? List.of(caller.accountId()) : List.of();
            default -> given(key);
        };
    }

    /** Names that differ in case alone are one key. */
    private List<String> given(String key) {
        List<String> found = null;
        for (Map.Entry<String, List<String>> entry : request.conditionKeys().entrySet()) {
            if (isNamed(entry.getKey(), key)) {
                found = join(found, entry.getValue());
            }
        }
        return found == null ? List.of() : found;
    }

    /** As the key was normalized when its policy was parsed, so that both sides fold the same way. */
    private static boolean isNamed(String name, String key) {
        return name.equalsIgnoreCase(key)
                || (!isAscii(name) && ConditionKeys.normalize(name).equals(key));
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }

    private static List<String> join(@Nullable List<String> some, List<String> more) {
        if (some == null) {
            return more;
        }
        List<String> both = new ArrayList<>(some);
        both.addAll(more);
        return both;
    }
}

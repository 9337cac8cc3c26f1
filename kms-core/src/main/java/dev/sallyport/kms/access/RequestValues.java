package dev.sallyport.kms.access;

import dev.sallyport.kms.Caller;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request's condition keys, found without case, together with those that follow from the caller and the clock. The index
 * is built when the first condition asks for it: most evaluations have none.
 */
final class RequestValues {
    private final AccessRequest request;
    private final Instant now;
    private final String action;
    private @Nullable Map<String, List<String>> index;

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
        Map<String, List<String>> all = index;
        if (all == null) {
            all = build();
            index = all;
        }
        return all.getOrDefault(key, List.of());
    }

    private Map<String, List<String>> build() {
        Map<String, List<String>> all = new HashMap<>();
        request.conditionKeys()
                .forEach((key, values) -> all.merge(key.toLowerCase(Locale.ROOT), values, RequestValues::join));
        Caller caller = request.caller();
        all.put("aws:principalarn", List.of(caller.arn()));
        all.put("aws:principalaccount", List.of(caller.accountId()));
        all.put("aws:principaltype", List.of(caller.sessionName() == null ? "User" : "AssumedRole"));
        all.put("aws:userid", List.of(caller.principalId()));
        all.put("aws:currenttime", List.of(now.toString()));
        all.put("aws:epochtime", List.of(Long.toString(now.getEpochSecond())));
        if (caller.sessionName() == null) {
            all.put("aws:username", List.of(caller.userName()));
        }
        if (action.startsWith("kms:")) {
            all.put("kms:calleraccount", List.of(caller.accountId()));
        }
        return all;
    }

    private static List<String> join(List<String> some, List<String> more) {
        List<String> both = new ArrayList<>(some);
        both.addAll(more);
        return both;
    }
}

package dev.sallyport.kms.access;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One compiled statement.
 *
 * @param allow true for Allow, false for Deny
 * @param principals null in an identity policy
 * @param resources null where the statement names none, which in a key policy means the key
 */
record Statement(
        boolean allow,
        @Nullable Principals principals,
        Patterns actions,
        @Nullable Patterns resources,
        List<Condition> conditions) {
    Statement {
        conditions = List.copyOf(conditions);
    }

    /** Whether action, resource and every condition match; the principal is asked apart. */
    boolean matches(RequestValues request) {
        if (!actions.match(request.action(), request)) {
            return false;
        }
        if (resources != null && !resources.match(request.resource(), request)) {
            return false;
        }
        for (Condition condition : conditions) {
            if (!condition.holds(request)) {
                return false;
            }
        }
        return true;
    }

    /**
     * A list of patterns, or its complement.
     *
     * @param negated true for NotAction and NotResource
     */
    record Patterns(List<Glob> globs, boolean negated) {
        Patterns {
            globs = List.copyOf(globs);
        }

        boolean match(String value, RequestValues request) {
            for (Glob glob : globs) {
                if (glob.matches(value, request)) {
                    return !negated;
                }
            }
            return negated;
        }
    }
}

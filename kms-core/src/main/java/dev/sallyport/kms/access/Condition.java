package dev.sallyport.kms.access;

import java.util.List;

/**
 * One operator applied to one key.
 *
 * <p>A request that has several values for a key meets a condition without a set operator when, in an Allow, every one of
 * them meets it, and, in a Deny, when any does. AWS leaves this open; either way the request gets no more than its least
 * favourable value.
 */
final class Condition {
    /** How a key of several values is quantified. */
    enum Quantifier {
        SINGLE,
        FOR_ANY_VALUE,
        FOR_ALL_VALUES
    }

    private final String key;
    private final ConditionOperator operator;
    private final Quantifier quantifier;
    private final boolean ifExists;
    private final boolean allow;
    private final List<ValueTest> tests;

    Condition(
            String key,
            ConditionOperator operator,
            Quantifier quantifier,
            boolean ifExists,
            boolean allow,
            List<ValueTest> tests) {
        this.key = key;
        this.operator = operator;
        this.quantifier = quantifier;
        this.ifExists = ifExists;
        this.allow = allow;
        this.tests = List.copyOf(tests);
    }

    String key() {
        return key;
    }

    boolean holds(RequestValues request) {
        List<String> values = request.get(key);
        if (operator == ConditionOperator.NULL) {
            return matchesAny(Boolean.toString(values.isEmpty()), request);
        }
        if (values.isEmpty()) {
            return switch (quantifier) {
                case SINGLE -> ifExists || operator.negated();
                case FOR_ANY_VALUE -> ifExists;
                case FOR_ALL_VALUES -> true;
            };
        }
        if (operator.negated() && allow && !resolvable(request)) {
            // what cannot be compared is not "different" for an Allow
            return false;
        }
        boolean all = switch (quantifier) {
            case SINGLE -> allow;
            case FOR_ANY_VALUE -> false;
            case FOR_ALL_VALUES -> true;
        };
        for (String value : values) {
            if (matchesAny(value, request) != operator.negated()) {
                if (!all) {
                    return true;
                }
            } else if (all) {
                return false;
            }
        }
        return all;
    }

    private boolean matchesAny(String value, RequestValues request) {
        for (ValueTest test : tests) {
            if (test.test(value, request)) {
                return true;
            }
        }
        return false;
    }

    private boolean resolvable(RequestValues request) {
        for (ValueTest test : tests) {
            if (!test.resolvable(request)) {
                return false;
            }
        }
        return true;
    }
}

package dev.sallyport.kms.access;

/** One value of a condition, compiled: whether a request's value meets it, before any negation. */
@FunctionalInterface
interface ValueTest {
    boolean test(String value, RequestValues request);

    /** Whether the policy variables inside have values in this request. */
    default boolean resolvable(RequestValues request) {
        return true;
    }
}

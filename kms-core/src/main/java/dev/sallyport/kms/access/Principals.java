package dev.sallyport.kms.access;

import dev.sallyport.kms.Caller;
import java.util.Set;

/**
 * The Principal or NotPrincipal element of a resource policy.
 *
 * @param everyone {@code "*"} or {@code {"AWS": "*"}}
 * @param accounts account ids, named bare or as {@code arn:aws:iam::ACCOUNT:root}
 * @param names ARNs and unique ids of users and roles, compared exactly
 * @param services service principals; no caller with an access key is one
 * @param negated NotPrincipal
 */
record Principals(boolean everyone, Set<String> accounts, Set<String> names, Set<String> services, boolean negated) {
    Principals {
        accounts = Set.copyOf(accounts);
        names = Set.copyOf(names);
        services = Set.copyOf(services);
    }

    /**
     * Whether the statement reaches the caller itself. A NotPrincipal spares a caller only when it lists the caller and the
     * caller's account, as AWS asks of whoever writes one.
     */
    boolean names(Caller caller) {
        if (negated) {
            boolean spared = everyone || (namesDirectly(caller) && accounts.contains(caller.accountId()));
            return !spared;
        }
        return everyone || namesDirectly(caller);
    }

    /** Whether the statement reaches the caller's account: an Allow then delegates to the account's IAM policies. */
    boolean namesAccountOf(Caller caller) {
        return !negated && accounts.contains(caller.accountId());
    }

    private boolean namesDirectly(Caller caller) {
        return names.contains(caller.arn())
                || names.contains(caller.principalId())
                || (accounts.contains(caller.accountId()) && caller.arn().endsWith(":root"));
    }
}

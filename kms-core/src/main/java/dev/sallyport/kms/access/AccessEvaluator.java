package dev.sallyport.kms.access;

import dev.sallyport.kms.Caller;
import dev.sallyport.kms.access.AccessDecision.Reason;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides requests of KMS and S3 by the policies that apply, as AWS does. An explicit Deny anywhere wins. What must allow
 * differs:
 *
 * <ul>
 *   <li>an action without a resource: the caller's identity policies;
 *   <li>a KMS key: its key policy, which names the caller, or names the account and so hands the question to the caller's
 *       identity policies; or a grant. An identity policy alone never opens a key;
 *   <li>a bucket or object: identity policies or the bucket policy.
 * </ul>
 *
 * <p>A caller of another account than the key's needs both policies. Thread-safe.
 *
 * @see <a href="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html">Policy evaluation
 *     logic</a>
 * @see <a href="https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html">Troubleshooting key
 *     access</a>
 */
public final class AccessEvaluator {
    private static final AccessDecision IDENTITY_ALLOW = new AccessDecision(Decision.ALLOW, Reason.IDENTITY_POLICY);
    private static final AccessDecision RESOURCE_ALLOW = new AccessDecision(Decision.ALLOW, Reason.RESOURCE_POLICY);
    private static final AccessDecision GRANT_ALLOW = new AccessDecision(Decision.ALLOW, Reason.GRANT);
    private static final AccessDecision IDENTITY_DENY =
            new AccessDecision(Decision.EXPLICIT_DENY, Reason.IDENTITY_POLICY);
    private static final AccessDecision RESOURCE_DENY =
            new AccessDecision(Decision.EXPLICIT_DENY, Reason.RESOURCE_POLICY);
    private static final AccessDecision NO_IDENTITY_ALLOW =
            new AccessDecision(Decision.IMPLICIT_DENY, Reason.IDENTITY_POLICY);
    private static final AccessDecision NO_RESOURCE_ALLOW =
            new AccessDecision(Decision.IMPLICIT_DENY, Reason.RESOURCE_POLICY);

    private final IdentityPolicies identityPolicies;
    private final Clock clock;

    /** @param clock tells {@code aws:CurrentTime} and {@code aws:EpochTime} */
    public AccessEvaluator(IdentityPolicies identityPolicies, Clock clock) {
        this.identityPolicies = identityPolicies;
        this.clock = clock;
    }

    /** Decides an action that has no resource with a policy of its own, such as {@code kms:ListKeys}. */
    public AccessDecision evaluate(AccessRequest request) {
        return switch (identity(new RequestValues(request, clock.instant()))) {
            case DENY -> IDENTITY_DENY;
            case ALLOW -> IDENTITY_ALLOW;
            case NONE -> NO_IDENTITY_ALLOW;
        };
    }

    /**
     * Decides an action on a KMS key.
     *
     * @param keyPolicy the key's policy; a key always has one
     * @param grants asked last, and only when nothing denies
     */
    public AccessDecision evaluateKey(AccessRequest request, PolicyDocument keyPolicy, Grants grants) {
        RequestValues values = new RequestValues(request, clock.instant());
        Found resource = resource(values, keyPolicy);
        if (resource == Found.DENIES) {
            return RESOURCE_DENY;
        }
        Outcome identity = identity(values);
        if (identity == Outcome.DENY) {
            return IDENTITY_DENY;
        }
        boolean sameAccount = ofSameAccount(request);
        if (resource == Found.ALLOWS_CALLER && (sameAccount || identity == Outcome.ALLOW)) {
            return RESOURCE_ALLOW;
        }
        if (resource == Found.ALLOWS_ACCOUNT && identity == Outcome.ALLOW) {
            return IDENTITY_ALLOW;
        }
        if (grants.allow(request, identity == Outcome.ALLOW)) {
            return GRANT_ALLOW;
        }
        return resource == Found.NOTHING ? NO_RESOURCE_ALLOW : NO_IDENTITY_ALLOW;
    }

    /**
     * Decides the retirement of a grant, which the grant itself allows, and no policy alone: an Allow in the key policy counts
     * for nothing, one in an identity policy for what {@code grants} makes of it.
     *
     * @see <a href="https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html">Retiring and revoking grants</a>
     */
    public AccessDecision evaluateRetirement(AccessRequest request, PolicyDocument keyPolicy, Grants grants) {
        RequestValues values = new RequestValues(request, clock.instant());
        if (resource(values, keyPolicy) == Found.DENIES) {
            return RESOURCE_DENY;
        }
        return switch (identity(values)) {
            case DENY -> IDENTITY_DENY;
            case ALLOW -> grants.allow(request, true) ? GRANT_ALLOW : NO_RESOURCE_ALLOW;
            case NONE -> grants.allow(request, false) ? GRANT_ALLOW : NO_IDENTITY_ALLOW;
        };
    }

    /** The unique id of the principal that has this ARN now; empty where there is none. */
    public Optional<String> principalId(String arn) {
        return identityPolicies.principalId(arn);
    }

    /**
     * Decides an action on a bucket or an object of the caller's own account.
     *
     * @param bucketPolicy null when the bucket has none
     */
    public AccessDecision evaluateBucket(AccessRequest request, @Nullable PolicyDocument bucketPolicy) {
        RequestValues values = new RequestValues(request, clock.instant());
        Found resource = bucketPolicy == null ? Found.NOTHING : resource(values, bucketPolicy);
        if (resource == Found.DENIES) {
            return RESOURCE_DENY;
        }
        return switch (identity(values)) {
            case DENY -> IDENTITY_DENY;
            case ALLOW -> IDENTITY_ALLOW;
            case NONE -> resource == Found.ALLOWS_CALLER ? RESOURCE_ALLOW : NO_IDENTITY_ALLOW;
        };
    }

    private enum Outcome {
        DENY,
        ALLOW,
        NONE
    }

    private Outcome identity(RequestValues request) {
        boolean allowed = false;
        List<PolicyDocument> documents = identityPolicies.of(request.caller());
        for (PolicyDocument document : documents) {
            for (Statement statement : document.statements()) {
                // an Allow after an Allow changes nothing
                if ((!allowed || !statement.allow()) && statement.matches(request)) {
                    if (!statement.allow()) {
                        return Outcome.DENY;
                    }
                    allowed = true;
                }
            }
        }
        return allowed ? Outcome.ALLOW : Outcome.NONE;
    }

    /** What a resource policy says; a later one outweighs an earlier. */
    private enum Found {
        NOTHING,
        ALLOWS_ACCOUNT,
        ALLOWS_CALLER,
        DENIES
    }

    private static Found resource(RequestValues request, PolicyDocument policy) {
        Found found = Found.NOTHING;
        Caller caller = request.caller();
        for (Statement statement : policy.statements()) {
            Principals principals = statement.principals();
            if (principals == null) {
                continue;
            }
            boolean direct = principals.names(caller);
            if ((!direct && !principals.namesAccountOf(caller)) || !statement.matches(request)) {
                continue;
            }
            if (!statement.allow()) {
                return Found.DENIES;
            }
            if (direct) {
                found = Found.ALLOWS_CALLER;
            } else if (found == Found.NOTHING) {
                found = Found.ALLOWS_ACCOUNT;
            }
        }
        return found;
    }

    /** Whether the resource's ARN names the caller's account, or none ({@code *}). */
    private static boolean ofSameAccount(AccessRequest request) {
        String[] parts = request.resource().split(":", 6);
        return parts.length < 6 || parts[4].equals(request.caller().accountId());
    }
}

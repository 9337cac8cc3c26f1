package dev.sallyport.kms.access;

/**
 * What the evaluator found, and why.
 *
 * @param decision only {@link Decision#ALLOW} lets the request pass
 * @param reason which policy decided
 */
public record AccessDecision(Decision decision, Reason reason) {
    /** The policy that decided, in the terms of AWS's error messages. */
    public enum Reason {
        IDENTITY_POLICY,
        RESOURCE_POLICY,
        GRANT
    }

    public AccessDecision {
        if (reason == Reason.GRANT && decision != Decision.ALLOW) {
            throw new IllegalArgumentException("a grant never denies");
        }
    }

    public boolean allowed() {
        return decision == Decision.ALLOW;
    }

    /**
     * The text that AWS sends with AccessDenied. KMS writes the resource bare, S3 in quotes and not at all
     * when there is none.
     *
     * @throws IllegalStateException when the request is allowed
     * @see <a href="https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html">Troubleshoot access
     *     denied error messages</a>
     */
    public String message(AccessRequest request) {
        String action = request.action();
        boolean s3 = action.startsWith("s3:");
        String on = s3 && request.resource().equals("*")
                ? ""
                : " on resource: " + (s3 ? '"' + request.resource() + '"' : request.resource());
        String kind = reason == Reason.RESOURCE_POLICY ? "resource-based policy" : "identity-based policy";
        String because = switch (decision) {
            case EXPLICIT_DENY ->
                "with an explicit deny in " + (reason == Reason.RESOURCE_POLICY ? "a " : "an ") + kind;
            case IMPLICIT_DENY -> "because no " + kind + " allows the " + action + " action";
            case ALLOW -> throw new IllegalStateException("the request is allowed");
        };
        return "User: " + request.caller().arn() + " is not authorized to perform: " + action + on + " " + because;
    }
}

package dev.sallyport.kms.access;

import dev.sallyport.kms.Caller;
import java.util.List;
import java.util.Optional;

/** Where the evaluator finds the IAM policy documents that are attached to a principal. */
@FunctionalInterface
public interface IdentityPolicies {
    /** Parsed documents of the principal; empty when none is attached or the principal is unknown. */
    List<PolicyDocument> of(Caller caller);

    /**
     * The unique id of the principal that has this ARN now; empty where there is none. Whoever is removed and made again under
     * the same name has the same ARN and another id.
     */
    default Optional<String> principalId(String arn) {
        return Optional.empty();
    }
}

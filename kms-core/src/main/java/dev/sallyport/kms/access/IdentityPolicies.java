package dev.sallyport.kms.access;

import dev.sallyport.kms.Caller;
import java.util.List;

/** Where the evaluator finds the IAM policy documents that are attached to a principal. */
@FunctionalInterface
public interface IdentityPolicies {
    /** Parsed documents of the principal; empty when none is attached or the principal is unknown. */
    List<PolicyDocument> of(Caller caller);
}

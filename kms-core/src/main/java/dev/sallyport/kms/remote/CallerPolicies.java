package dev.sallyport.kms.remote;

import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.EncryptionContext;

/**
 * What this side decides before it asks the remote KMS: the identity policies of its own callers. Key policies and grants are
 * the remote's, and are evaluated there for the credentials that this side signs with.
 */
@FunctionalInterface
public interface CallerPolicies {
    /** For a process whose only caller is itself, such as the volume agent. */
    CallerPolicies NONE = (call, action, keyArn, context) -> {};

    /**
     * Returns if the caller may.
     *
     * @param action such as {@code kms:Decrypt}
     * @throws dev.sallyport.kms.KmsException {@code AccessDeniedException} if not
     */
    void check(CallContext call, String action, String keyArn, EncryptionContext context);
}

package dev.sallyport.gateway.service;

import dev.sallyport.kms.CallContext;

/** The ARNs of KMS keys, which policies name them by. */
@FunctionalInterface
public interface KeyArns {
    /**
     * The key ARN of what a client named.
     *
     * @param given key id, key ARN, alias name or alias ARN; what names no key comes back as it is, or as alias ARN
     */
    String arnOf(CallContext call, String given);
}

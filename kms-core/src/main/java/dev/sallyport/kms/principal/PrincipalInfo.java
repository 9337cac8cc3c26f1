package dev.sallyport.kms.principal;

import java.time.Instant;
import java.util.List;

/**
 * A user, its access keys and the names of its policies.
 *
 * @param name the user's name
 * @param arn such as {@code arn:aws:iam::000000000000:user/alice}
 * @param principalId {@code AIDA} and 17 more characters
 * @param enabled whether its access keys authenticate at all
 * @param created when it was made
 * @param accessKeys oldest first
 * @param policies names of the attached documents
 */
public record PrincipalInfo(
        String name,
        String arn,
        String principalId,
        boolean enabled,
        Instant created,
        List<AccessKeyInfo> accessKeys,
        List<String> policies) {
    public PrincipalInfo {
        accessKeys = List.copyOf(accessKeys);
        policies = List.copyOf(policies);
    }
}

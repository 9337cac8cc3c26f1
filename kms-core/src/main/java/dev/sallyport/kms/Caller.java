package dev.sallyport.kms;

import org.jspecify.annotations.Nullable;

/**
 * Who calls: an authenticated principal.
 *
 * @param arn the principal's ARN, such as {@code arn:aws:iam::000000000000:user/alice}
 * @param accountId twelve digits
 * @param principalId the unique id, as {@code userIdentity.principalId} of CloudTrail shows it ({@code AIDA…})
 * @param userName the last part of the ARN
 * @param accessKeyId the access key that signed the request; null inside the process (an AWS service acting by itself)
 * @param sessionName room for role sessions; null for a user
 */
public record Caller(
        String arn,
        String accountId,
        String principalId,
        String userName,
        @Nullable String accessKeyId,
        @Nullable String sessionName) {}

package dev.sallyport.kms.access;

import dev.sallyport.kms.Caller;
import java.time.Clock;
import java.util.List;
import java.util.Map;

/** The key policies that KMS writes itself, and the check that keeps a key from becoming unmanageable. */
public final class KeyPolicies {
    /** AWS's text for a policy that fails {@link #keepsManageable}. */
    public static final String LOCKOUT_MESSAGE =
            "The new key policy will not allow you to update the key policy in the future.";

    private KeyPolicies() {}

    /** The policy of a key that was created without one: it hands every question to the account's IAM policies. */
    public static String defaultPolicy(String accountId) {
        return """
                {
                  "Version" : "2012-10-17",
                  "Id" : "key-default-1",
                  "Statement" : [ {
                    "Sid" : "Enable IAM User Permissions",
                    "Effect" : "Allow",
                    "Principal" : {
                      "AWS" : "arn:aws:iam::%s:root"
                    },
                    "Action" : "kms:*",
                    "Resource" : "*"
                  } ]
                }""".formatted(accountId);
    }

    /**
     * The policy of {@code alias/aws/s3}: whoever comes through S3 in this account and region may use the key; directly, only
     * its metadata can be seen.
     */
    public static String managedS3Policy(String accountId, String region) {
        return """
                {
                  "Version" : "2012-10-17",
                  "Id" : "auto-s3-2",
                  "Statement" : [ {
                    "Sid" : "Allow access through S3 for all principals in the account that are authorized to use S3",
                    "Effect" : "Allow",
                    "Principal" : {
                      "AWS" : "*"
                    },
                    "Action" : [ "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey" ],
                    "Resource" : "*",
                    "Condition" : {
                      "StringEquals" : {
                        "kms:CallerAccount" : "%1$s",
                        "kms:ViaService" : "s3.%2$s.amazonaws.com"
                      }
                    }
                  }, {
                    "Sid" : "Allow direct access to key metadata to the account",
                    "Effect" : "Allow",
                    "Principal" : {
                      "AWS" : "arn:aws:iam::%1$s:root"
                    },
                    "Action" : [ "kms:Describe*", "kms:Get*", "kms:List*" ],
                    "Resource" : "*"
                  } ]
                }""".formatted(accountId, region);
    }

    /**
     * Whether, under this policy, the caller could put another one: the policy itself allows {@code kms:PutKeyPolicy} to the
     * caller, or to the account. As on AWS the caller's identity policies are not asked.
     *
     * @see <a href="https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html">PutKeyPolicy</a>
     */
    public static boolean keepsManageable(PolicyDocument keyPolicy, Caller caller, String keyArn, Clock clock) {
        AccessEvaluator everyoneAllowed = new AccessEvaluator(who -> List.of(ALLOW_ALL), clock);
        return everyoneAllowed
                .evaluateKey(new AccessRequest(caller, "kms:PutKeyPolicy", keyArn, Map.of()), keyPolicy, Grants.NONE)
                .allowed();
    }

    private static final PolicyDocument ALLOW_ALL = PolicyDocument.parse("""
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}""", PolicyKind.IDENTITY);
}

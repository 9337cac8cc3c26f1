package dev.sallyport.kms.access;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The condition keys that a policy may name. Names are compared without case, as on AWS. A key of AWS that never applies to
 * an installation of Sallyport (an organisation, a VPC, a second factor) is known and absent from every request, which is
 * what AWS documents for a request without it.
 *
 * @see <a href="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html">Global keys</a>
 * @see <a href="https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html">KMS
 *     keys</a>
 * @see <a href="https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html">S3 keys</a>
 */
final class ConditionKeys {
    /** Keys whose name goes on with a name of the request's own: a context key, a tag key. */
    private static final List<String> FAMILIES = List.of(
            "kms:encryptioncontext:",
            "aws:requesttag/",
            "aws:resourcetag/",
            "aws:principaltag/",
            "s3:requestobjecttag/");

    private static final Set<String> KNOWN = Set.of(
            // of the caller and the clock: the evaluator supplies them
            "aws:principalarn",
            "aws:principalaccount",
            "aws:principaltype",
            "aws:principalisawsservice",
            "aws:userid",
            "aws:username",
            "aws:currenttime",
            "aws:epochtime",
            "kms:calleraccount",
            // of the request
            "aws:sourceip",
            "aws:securetransport",
            "aws:useragent",
            "aws:referer",
            "aws:requestedregion",
            "aws:tagkeys",
            "aws:viaawsservice",
            "aws:calledvia",
            "aws:calledviafirst",
            "aws:calledvialast",
            "aws:resourceaccount",
            // never in a request here
            "aws:assumedroot",
            "aws:chatbotsourcearn",
            "aws:ec2instancesourceprivateipv4",
            "aws:ec2instancesourcevpc",
            "aws:federatedprovider",
            "aws:multifactorauthage",
            "aws:multifactorauthpresent",
            "aws:principalorgid",
            "aws:principalorgpaths",
            "aws:principalservicename",
            "aws:principalservicenameslist",
            "aws:resourceorgid",
            "aws:resourceorgpaths",
            "aws:rolesessionname",
            "aws:sourceaccount",
            "aws:sourcearn",
            "aws:sourceidentity",
            "aws:sourceorgid",
            "aws:sourceorgpaths",
            "aws:sourcevpc",
            "aws:sourcevpcarn",
            "aws:sourcevpce",
            "aws:tokenissuetime",
            "aws:vpceaccount",
            "aws:vpceorgid",
            "aws:vpceorgpaths",
            "aws:vpcsourceip",
            // KMS
            "kms:bypasspolicylockoutsafetycheck",
            "kms:customermasterkeyspec",
            "kms:customermasterkeyusage",
            "kms:datakeypairspec",
            "kms:encryptionalgorithm",
            "kms:encryptioncontextkeys",
            "kms:expirationmodel",
            "kms:grantconstrainttype",
            "kms:grantisforawsresource",
            "kms:grantoperations",
            "kms:granteeprincipal",
            "kms:keyagreementalgorithm",
            "kms:keyorigin",
            "kms:keyspec",
            "kms:keyusage",
            "kms:macalgorithm",
            "kms:messagetype",
            "kms:multiregion",
            "kms:multiregionkeytype",
            "kms:primaryregion",
            "kms:reencryptonsamekey",
            "kms:replicaregion",
            "kms:requestalias",
            "kms:resourcealiases",
            "kms:retiringprincipal",
            "kms:rotationperiodindays",
            "kms:schedulekeydeletionpendingwindowindays",
            "kms:signingalgorithm",
            "kms:validto",
            "kms:viaservice",
            "kms:wrappingalgorithm",
            "kms:wrappingkeyspec",
            // S3
            "s3:authtype",
            "s3:delimiter",
            "s3:if-match",
            "s3:if-none-match",
            "s3:locationconstraint",
            "s3:max-keys",
            "s3:object-lock-legal-hold",
            "s3:object-lock-mode",
            "s3:object-lock-remaining-retention-days",
            "s3:object-lock-retain-until-date",
            "s3:objectcreationoperation",
            "s3:prefix",
            "s3:requestobjecttagkeys",
            "s3:resourceaccount",
            "s3:signatureage",
            "s3:signatureversion",
            "s3:tlsversion",
            "s3:versionid",
            "s3:x-amz-acl",
            "s3:x-amz-content-sha256",
            "s3:x-amz-copy-source",
            "s3:x-amz-grant-full-control",
            "s3:x-amz-grant-read",
            "s3:x-amz-grant-read-acp",
            "s3:x-amz-grant-write",
            "s3:x-amz-grant-write-acp",
            "s3:x-amz-metadata-directive",
            "s3:x-amz-object-ownership",
            "s3:x-amz-server-side-encryption",
            "s3:x-amz-server-side-encryption-aws-kms-key-id",
            "s3:x-amz-server-side-encryption-customer-algorithm",
            "s3:x-amz-storage-class",
            "s3:x-amz-website-redirect-location");

    private ConditionKeys() {}

    static String normalize(String key) {
        return key.toLowerCase(Locale.ROOT);
    }

    /** Whether a normalized name is one that the evaluator understands. */
    static boolean known(String key) {
        if (KNOWN.contains(key)) {
            return true;
        }
        for (String family : FAMILIES) {
            if (key.length() > family.length() && key.startsWith(family)) {
                return true;
            }
        }
        return false;
    }
}

package dev.sallyport.kms.access;

import static dev.sallyport.kms.access.Policies.ALICE;
import static dev.sallyport.kms.access.Policies.BOB;
import static dev.sallyport.kms.access.Policies.CLOCK;
import static dev.sallyport.kms.access.Policies.KEY;
import static dev.sallyport.kms.access.Policies.STRANGER;
import static dev.sallyport.kms.access.Policies.bucket;
import static dev.sallyport.kms.access.Policies.decrypt;
import static dev.sallyport.kms.access.Policies.evaluator;
import static dev.sallyport.kms.access.Policies.identity;
import static dev.sallyport.kms.access.Policies.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.access.AccessDecision.Reason;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The truth tables of AWS's documentation on policy evaluation within an account. */
class AccessEvaluatorTest {
    private static final String ALLOW = "{'Effect': 'Allow', 'Action': 'kms:*', 'Resource': '*'}";
    private static final String DENY = "{'Effect': 'Deny', 'Action': 'kms:Decrypt', 'Resource': '*'}";
    private static final String OTHER = "{'Effect': 'Allow', 'Action': 'kms:Encrypt', 'Resource': '*'}";

    private static PolicyDocument[] identities(String which) {
        return switch (which) {
            case "none" -> new PolicyDocument[0];
            case "other" -> new PolicyDocument[] {identity(OTHER)};
            case "allow" -> new PolicyDocument[] {identity(ALLOW)};
            case "deny" -> new PolicyDocument[] {identity(ALLOW, DENY)};
            default -> throw new IllegalArgumentException(which);
        };
    }

    private static PolicyDocument keyPolicy(String which) {
        String alice = "'Principal': {'AWS': 'arn:aws:iam::111122223333:user/alice'}";
        String bob = "'Principal': {'AWS': 'arn:aws:iam::111122223333:user/bob'}";
        String root = "'Principal': {'AWS': 'arn:aws:iam::111122223333:root'}";
        String everyone = "'Principal': '*'";
        return switch (which) {
            case "caller" -> key("{'Effect': 'Allow', " + alice + ", 'Action': 'kms:Decrypt', 'Resource': '*'}");
            case "other" -> key("{'Effect': 'Allow', " + bob + ", 'Action': 'kms:*', 'Resource': '*'}");
            case "account" -> key("{'Effect': 'Allow', " + root + ", 'Action': 'kms:*', 'Resource': '*'}");
            case "account-encrypt" ->
                key("{'Effect': 'Allow', " + root + ", 'Action': 'kms:Encrypt', 'Resource': '*'}");
            case "everyone" -> key("{'Effect': 'Allow', " + everyone + ", 'Action': 'kms:*', 'Resource': '*'}");
            case "deny" ->
                key(
                        "{'Effect': 'Allow', " + alice + ", 'Action': 'kms:*', 'Resource': '*'}",
                        "{'Effect': 'Deny', " + everyone + ", 'Action': 'kms:Decrypt', 'Resource': '*'}");
            case "deny-account" ->
                key(
                        "{'Effect': 'Allow', " + alice + ", 'Action': 'kms:*', 'Resource': '*'}",
                        "{'Effect': 'Deny', " + root + ", 'Action': 'kms:Decrypt', 'Resource': '*'}");
            default -> throw new IllegalArgumentException(which);
        };
    }

    @ParameterizedTest
    @CsvSource({
        "caller, none, ALLOW, RESOURCE_POLICY",
        "caller, allow, ALLOW, RESOURCE_POLICY",
        "caller, deny, EXPLICIT_DENY, IDENTITY_POLICY",
        "other, none, IMPLICIT_DENY, RESOURCE_POLICY",
        // an identity policy alone never opens a key
        "other, allow, IMPLICIT_DENY, RESOURCE_POLICY",
        "account, none, IMPLICIT_DENY, IDENTITY_POLICY",
        "account, other, IMPLICIT_DENY, IDENTITY_POLICY",
        "account, allow, ALLOW, IDENTITY_POLICY",
        "account, deny, EXPLICIT_DENY, IDENTITY_POLICY",
        "account-encrypt, allow, IMPLICIT_DENY, RESOURCE_POLICY",
        "everyone, none, ALLOW, RESOURCE_POLICY",
        "deny, allow, EXPLICIT_DENY, RESOURCE_POLICY",
        "deny-account, allow, EXPLICIT_DENY, RESOURCE_POLICY",
    })
    void decidesForAKey(String keyPolicy, String identity, Decision decision, Reason reason) {
        assertThat(evaluator(identities(identity)).evaluateKey(decrypt(ALICE), keyPolicy(keyPolicy), Grants.NONE))
                .isEqualTo(new AccessDecision(decision, reason));
    }

    @Test
    void asksGrantsLast() {
        Grants grants = (request, delegated) -> request.action().equals("kms:Decrypt");
        assertThat(evaluator().evaluateKey(decrypt(ALICE), keyPolicy("other"), grants))
                .isEqualTo(new AccessDecision(Decision.ALLOW, Reason.GRANT));
        assertThat(evaluator()
                        .evaluateKey(decrypt(ALICE), keyPolicy("deny"), grants)
                        .allowed())
                .isFalse();
        assertThat(evaluator(identities("deny"))
                        .evaluateKey(decrypt(ALICE), keyPolicy("other"), grants)
                        .allowed())
                .isFalse();
    }

    @Test
    void needsBothPoliciesAcrossAccounts() {
        PolicyDocument policy =
                key("{'Effect': 'Allow', 'Principal': {'AWS': 'arn:aws:iam::444455556666:user/eve'}, 'Action': 'kms:*',"
                        + " 'Resource': '*'}");
        assertThat(evaluator()
                        .evaluateKey(decrypt(STRANGER), policy, Grants.NONE)
                        .allowed())
                .isFalse();
        assertThat(evaluator(identities("allow"))
                        .evaluateKey(decrypt(STRANGER), policy, Grants.NONE)
                        .allowed())
                .isTrue();
        assertThat(evaluator(identities("allow"))
                        .evaluateKey(decrypt(STRANGER), keyPolicy("account"), Grants.NONE)
                        .allowed())
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "none, IMPLICIT_DENY",
        "other, IMPLICIT_DENY",
        "allow, ALLOW",
        "deny, EXPLICIT_DENY",
    })
    void decidesByIdentityWhereThereIsNoResource(String identity, Decision decision) {
        assertThat(evaluator(identities(identity))
                        .evaluate(new AccessRequest(ALICE, "kms:Decrypt", "*", Map.of()))
                        .decision())
                .isEqualTo(decision);
    }

    @ParameterizedTest
    @CsvSource({
        "none, none, IMPLICIT_DENY, IDENTITY_POLICY",
        "allow, none, ALLOW, IDENTITY_POLICY",
        "none, allow, ALLOW, RESOURCE_POLICY",
        "allow, deny, EXPLICIT_DENY, RESOURCE_POLICY",
        "deny, allow, EXPLICIT_DENY, IDENTITY_POLICY",
        // a bucket policy that names the account leaves it to the identity policies
        "none, account, IMPLICIT_DENY, IDENTITY_POLICY",
    })
    void decidesForABucket(String identity, String policy, Decision decision, Reason reason) {
        String get = "'Action': 's3:GetObject', 'Resource': 'arn:aws:s3:::b/*'}";
        PolicyDocument[] identities = switch (identity) {
            case "allow" -> new PolicyDocument[] {identity("{'Effect': 'Allow', " + get)};
            case "deny" -> new PolicyDocument[] {identity("{'Effect': 'Deny', " + get)};
            default -> new PolicyDocument[0];
        };
        PolicyDocument bucket = switch (policy) {
            case "allow" -> bucket("{'Effect': 'Allow', 'Principal': {'AWS': '" + ALICE.arn() + "'}, " + get);
            case "deny" -> bucket("{'Effect': 'Deny', 'Principal': '*', " + get);
            case "account" -> bucket("{'Effect': 'Allow', 'Principal': {'AWS': '111122223333'}, " + get);
            default -> null;
        };
        AccessRequest request = new AccessRequest(ALICE, "s3:GetObject", "arn:aws:s3:::b/a/k", Map.of());
        assertThat(evaluator(identities).evaluateBucket(request, bucket))
                .isEqualTo(new AccessDecision(decision, reason));
    }

    @Test
    void sparesOnlyWhoNotPrincipalListsWithTheAccount() {
        String statement = "{'Effect': 'Deny', 'NotPrincipal': {'AWS': [%s]}, 'Action': '*', 'Resource': '*'}";
        PolicyDocument full = bucket(statement.formatted("'" + ALICE.arn() + "', 'arn:aws:iam::111122223333:root'"));
        PolicyDocument partial = bucket(statement.formatted("'" + ALICE.arn() + "'"));
        PolicyDocument allow = identity("{'Effect': 'Allow', 'Action': '*', 'Resource': '*'}");
        AccessRequest alice = new AccessRequest(ALICE, "s3:GetObject", "arn:aws:s3:::b/k", Map.of());
        AccessRequest bob = new AccessRequest(BOB, "s3:GetObject", "arn:aws:s3:::b/k", Map.of());
        assertThat(evaluator(allow).evaluateBucket(alice, full).allowed()).isTrue();
        assertThat(evaluator(allow).evaluateBucket(bob, full).allowed()).isFalse();
        assertThat(evaluator(allow).evaluateBucket(alice, partial).allowed()).isFalse();
    }

    @Test
    void neverTakesAUserForAService() {
        PolicyDocument policy = key(
                "{'Effect': 'Allow', 'Principal': {'Service': 's3.amazonaws.com'}, 'Action': 'kms:*', 'Resource': '*'}");
        assertThat(evaluator(identities("allow"))
                        .evaluateKey(decrypt(ALICE), policy, Grants.NONE)
                        .allowed())
                .isFalse();
    }

    @Test
    void complementsActionsAndResources() {
        PolicyDocument notAction = identity("{'Effect': 'Allow', 'NotAction': 'kms:Decrypt', 'Resource': '*'}");
        PolicyDocument notResource =
                identity("{'Effect': 'Allow', 'Action': 's3:*', 'NotResource': 'arn:aws:s3:::secret/*'}");
        assertThat(evaluator(notAction)
                        .evaluate(Policies.request("kms:Encrypt", "*", Map.of()))
                        .allowed())
                .isTrue();
        assertThat(evaluator(notAction)
                        .evaluate(Policies.request("KMS:decrypt", "*", Map.of()))
                        .allowed())
                .isFalse();
        assertThat(evaluator(notResource)
                        .evaluate(Policies.request("s3:GetObject", "arn:aws:s3:::open/k", Map.of()))
                        .allowed())
                .isTrue();
        assertThat(evaluator(notResource)
                        .evaluate(Policies.request("s3:GetObject", "arn:aws:s3:::secret/k", Map.of()))
                        .allowed())
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "arn:aws:s3:::b/*, arn:aws:s3:::b/k, true",
        "arn:aws:s3:::b/*, arn:aws:s3:::b, false",
        "arn:aws:s3:::b/a?c, arn:aws:s3:::b/abc, true",
        "arn:aws:s3:::b/a?c, arn:aws:s3:::b/ac, false",
        "arn:aws:s3:::b/*x*y, arn:aws:s3:::b/1x2x3y, true",
        "arn:aws:s3:::b/*x*y, arn:aws:s3:::b/1x2x3z, false",
        "arn:aws:s3:::B/*, arn:aws:s3:::b/k, false",
        "arn:aws:s3:::b/${aws:username}/*, arn:aws:s3:::b/alice/k, true",
        "arn:aws:s3:::b/${aws:username}/*, arn:aws:s3:::b/bob/k, false",
        "arn:aws:s3:::b/${*}, arn:aws:s3:::b/*, true",
        "arn:aws:s3:::b/${*}, arn:aws:s3:::b/k, false",
        "arn:aws:s3:::b/${$}{x}, arn:aws:s3:::b/${x}, true",
        "'arn:aws:s3:::b/${aws:PrincipalTag/team, ''none''}', arn:aws:s3:::b/none, true",
        "arn:aws:s3:::b/${aws:PrincipalTag/team}, arn:aws:s3:::b/, false",
    })
    void matchesResources(String pattern, String resource, boolean allowed) {
        String json = """
                {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "%s"}}""".formatted(pattern);
        PolicyDocument policy = PolicyDocument.parse(json, PolicyKind.IDENTITY);
        assertThat(evaluator(policy)
                        .evaluate(Policies.request("s3:GetObject", resource, Map.of()))
                        .allowed())
                .isEqualTo(allowed);
    }

    @Test
    void takesVariablesLiterallyInTheOldVersion() {
        String json = """
                {"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::${aws:username}"}}""";
        PolicyDocument policy = PolicyDocument.parse(json, PolicyKind.IDENTITY);
        assertThat(evaluator(policy)
                        .evaluate(Policies.request("s3:ListBucket", "arn:aws:s3:::alice", Map.of()))
                        .allowed())
                .isFalse();
    }

    @Test
    void bindsAKeyToAContext() {
        PolicyDocument policy = key("{'Effect': 'Allow', 'Principal': '*', 'Action': 'kms:Decrypt', 'Resource': '*',"
                + " 'Condition': {'StringEquals': {'kms:EncryptionContext:Team': 'red'}}}");
        AccessEvaluator evaluator = evaluator();
        assertThat(evaluator
                        .evaluateKey(decrypt(ALICE).with(EncryptionContext.of("team", "red")), policy, Grants.NONE)
                        .allowed())
                .isTrue();
        assertThat(evaluator
                        .evaluateKey(decrypt(ALICE).with(EncryptionContext.of("team", "blue")), policy, Grants.NONE)
                        .allowed())
                .isFalse();
        assertThat(evaluator.evaluateKey(decrypt(ALICE), policy, Grants.NONE).allowed())
                .isFalse();
        // names that differ in case alone are one key of two values: the worse counts
        EncryptionContext both = EncryptionContext.of("team", "red").with("Team", "blue");
        assertThat(evaluator
                        .evaluateKey(decrypt(ALICE).with(both), policy, Grants.NONE)
                        .allowed())
                .isFalse();
    }

    @Test
    void opensTheManagedKeyOnlyThroughItsService() {
        PolicyDocument policy =
                PolicyDocument.parse(KeyPolicies.managedS3Policy("111122223333", "us-east-1"), PolicyKind.KEY);
        AccessEvaluator evaluator = evaluator(identities("allow"));
        AccessRequest direct = AccessRequest.of(call(), "kms:Decrypt", KEY);
        AccessRequest viaS3 = AccessRequest.of(call().via("s3.us-east-1.amazonaws.com"), "kms:Decrypt", KEY);
        AccessRequest viaOther = AccessRequest.of(call().via("s3.eu-west-1.amazonaws.com"), "kms:Decrypt", KEY);
        assertThat(evaluator.evaluateKey(direct, policy, Grants.NONE).allowed()).isFalse();
        assertThat(evaluator.evaluateKey(viaS3, policy, Grants.NONE).allowed()).isTrue();
        assertThat(evaluator().evaluateKey(viaS3, policy, Grants.NONE).allowed())
                .isTrue();
        assertThat(evaluator.evaluateKey(viaOther, policy, Grants.NONE).allowed())
                .isFalse();
        AccessRequest delete = AccessRequest.of(call(), "kms:ScheduleKeyDeletion", KEY);
        AccessRequest describe = AccessRequest.of(call(), "kms:DescribeKey", KEY);
        assertThat(evaluator.evaluateKey(delete, policy, Grants.NONE).allowed()).isFalse();
        assertThat(evaluator.evaluateKey(describe, policy, Grants.NONE).allowed())
                .isTrue();
    }

    private static CallContext call() {
        return new CallContext(
                ALICE,
                "us-east-1",
                "r",
                "192.0.2.1",
                "agent",
                true,
                "TLSv1.3",
                "TLS_AES_128_GCM_SHA256",
                null,
                List.of());
    }

    @Test
    void saysWhyAsAwsDoes() {
        AccessRequest request = decrypt(ALICE);
        String start =
                "User: arn:aws:iam::111122223333:user/alice is not authorized to perform: kms:Decrypt on resource: "
                        + KEY;
        assertThat(evaluator()
                        .evaluateKey(request, keyPolicy("account"), Grants.NONE)
                        .message(request))
                .isEqualTo(start + " because no identity-based policy allows the kms:Decrypt action");
        assertThat(evaluator()
                        .evaluateKey(request, keyPolicy("other"), Grants.NONE)
                        .message(request))
                .isEqualTo(start + " because no resource-based policy allows the kms:Decrypt action");
        assertThat(evaluator()
                        .evaluateKey(request, keyPolicy("deny"), Grants.NONE)
                        .message(request))
                .isEqualTo(start + " with an explicit deny in a resource-based policy");
        assertThat(evaluator(identities("deny"))
                        .evaluateKey(request, keyPolicy("caller"), Grants.NONE)
                        .message(request))
                .isEqualTo(start + " with an explicit deny in an identity-based policy");
        AccessRequest get = new AccessRequest(ALICE, "s3:GetObject", "arn:aws:s3:::b/k", Map.of());
        assertThat(evaluator().evaluateBucket(get, null).message(get))
                .isEqualTo("User: arn:aws:iam::111122223333:user/alice is not authorized to perform: s3:GetObject on"
                        + " resource: \"arn:aws:s3:::b/k\" because no identity-based policy allows the s3:GetObject"
                        + " action");
        assertThatThrownBy(() -> evaluator()
                        .evaluateKey(request, keyPolicy("caller"), Grants.NONE)
                        .message(request))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void noticesAPolicyThatLocksTheCallerOut() {
        PolicyDocument standard = PolicyDocument.parse(KeyPolicies.defaultPolicy("111122223333"), PolicyKind.KEY);
        assertThat(KeyPolicies.keepsManageable(standard, ALICE, KEY, CLOCK)).isTrue();
        assertThat(KeyPolicies.keepsManageable(keyPolicy("other"), ALICE, KEY, CLOCK))
                .isFalse();
        assertThat(KeyPolicies.keepsManageable(keyPolicy("other"), BOB, KEY, CLOCK))
                .isTrue();
        assertThat(KeyPolicies.keepsManageable(keyPolicy("caller"), ALICE, KEY, CLOCK))
                .isFalse();
    }
}

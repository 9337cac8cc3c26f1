package dev.sallyport.kms.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every operator, on a key that is there, there several times, and absent. */
class ConditionTest {
    /** Evaluates one condition. The values are separated by {@code |}; null leaves the key out. */
    private static boolean holds(
            String effect, String operator, String key, String policyValues, @Nullable String requestValues) {
        String values = "['" + policyValues.replace("|", "','") + "']";
        String condition = "'Condition': {'" + operator + "': {'" + key + "': " + values + "}}";
        PolicyDocument policy = Policies.identity(
                "{'Effect': 'Allow', 'Action': '*', 'Resource': '*'" + (effect.equals("Allow") ? ", " + condition : "")
                        + "}",
                "{'Effect': 'Deny', 'Action': 'kms:Decrypt', 'Resource': '*'"
                        + (effect.equals("Deny")
                                ? ", " + condition
                                : ", 'Condition': {'Null': {'aws:PrincipalArn': 'true'}}")
                        + "}");
        Map<String, List<String>> keys =
                requestValues == null ? Map.of() : Map.of(key, Arrays.asList(requestValues.split("\\|")));
        boolean allowed = Policies.evaluator(policy)
                .evaluate(Policies.request("kms:Decrypt", "*", keys))
                .allowed();
        return effect.equals("Allow") == allowed;
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "StringEquals, kms:KeySpec, a|b, b, true",
                "StringEquals, kms:KeySpec, a|b, B, false",
                "StringEquals, kms:KeySpec, a*, ab, false",
                "StringEquals, kms:KeySpec, a, -, false",
                "StringEqualsIfExists, kms:KeySpec, a, -, true",
                "StringEqualsIfExists, kms:KeySpec, a, b, false",
                "StringNotEquals, kms:KeySpec, a|b, c, true",
                "StringNotEquals, kms:KeySpec, a|b, b, false",
                "StringNotEquals, kms:KeySpec, a, -, true",
                "StringNotEqualsIfExists, kms:KeySpec, a, -, true",
                "StringEqualsIgnoreCase, kms:KeySpec, AbC, aBc, true",
                "StringNotEqualsIgnoreCase, kms:KeySpec, AbC, aBc, false",
                "StringLike, s3:prefix, home/*/x?, home/alice/x1, true",
                "StringLike, s3:prefix, home/*/x?, home/alice/x, false",
                "StringLike, s3:prefix, home/${aws:username}/*, home/alice/k, true",
                "StringLike, s3:prefix, home/${aws:username}/*, home/bob/k, false",
                "StringNotLike, s3:prefix, home/*, etc/x, true",
                "StringNotLike, s3:prefix, home/*, home/x, false",
                "NumericEquals, s3:max-keys, 10, 10, true",
                "NumericEquals, s3:max-keys, 10, 10.0, true",
                "NumericEquals, s3:max-keys, 10, ten, false",
                "NumericNotEquals, s3:max-keys, 10, 11, true",
                "NumericLessThan, s3:max-keys, 10, 9, true",
                "NumericLessThan, s3:max-keys, 10, 10, false",
                "NumericLessThanEquals, s3:max-keys, 10, 10, true",
                "NumericGreaterThan, s3:max-keys, 10, 11, true",
                "NumericGreaterThan, s3:max-keys, 10, 10, false",
                "NumericGreaterThanEquals, s3:max-keys, 10, 10, true",
                "DateEquals, kms:ValidTo, 2026-11-24T00:00:00Z, 2026-11-24, true",
                "DateNotEquals, kms:ValidTo, 2026-11-24, 2026-11-25, true",
                "DateLessThan, kms:ValidTo, 2026-11-24T12:00:00+02:00, 2026-11-24T09:59:59Z, true",
                "DateLessThan, kms:ValidTo, 2026-11-24T12:00:00+02:00, 2026-11-24T10:00:00Z, false",
                "DateLessThanEquals, kms:ValidTo, 2026-11-24T12:00:00+02:00, 2026-11-24T10:00:00Z, true",
                "DateGreaterThan, kms:ValidTo, 1700000000, 2026-11-24, true",
                "DateGreaterThanEquals, kms:ValidTo, 2026-11-24, 2026-11-24, true",
                "Bool, aws:SecureTransport, true, true, true",
                "Bool, aws:SecureTransport, false, true, false",
                "Bool, aws:SecureTransport, true, -, false",
                "BoolIfExists, aws:MultiFactorAuthPresent, true, -, true",
                "BinaryEquals, kms:KeySpec, QmluYXJ5, QmluYXJ5, true",
                "BinaryEquals, kms:KeySpec, QmluYXJ5, Qm, false",
                "IpAddress, aws:SourceIp, 203.0.113.0/24, 203.0.113.77, true",
                "IpAddress, aws:SourceIp, 203.0.113.0/25, 203.0.113.128, false",
                "IpAddress, aws:SourceIp, 203.0.113.7, 203.0.113.7, true",
                "IpAddress, aws:SourceIp, 2001:db8::/33, 2001:db8:7fff::1, true",
                "IpAddress, aws:SourceIp, 2001:db8::/33, 2001:db8:8000::1, false",
                "IpAddress, aws:SourceIp, 0.0.0.0/0, 2001:db8::1, false",
                "IpAddress, aws:SourceIp, 203.0.113.0/24, localhost, false",
                "NotIpAddress, aws:SourceIp, 203.0.113.0/24, 198.51.100.1, true",
                "NotIpAddress, aws:SourceIp, 203.0.113.0/24, 203.0.113.9, false",
                "ArnEquals, kms:GranteePrincipal, arn:aws:iam::111122223333:user/*, arn:aws:iam::111122223333:user/x, true",
                "ArnLike, kms:GranteePrincipal, arn:aws:iam::*:user/x, arn:aws:iam::111122223333:user/x, true",
                "ArnLike, kms:GranteePrincipal, arn:aws:iam::*:x, arn:aws:iam::1:user:x, false",
                "ArnNotEquals, kms:GranteePrincipal, arn:aws:iam::1:user/y, arn:aws:iam::1:user/x, true",
                "ArnNotLike, kms:GranteePrincipal, arn:aws:iam::1:user/*, arn:aws:iam::1:user/x, false",
                "Null, kms:KeySpec, true, -, true",
                "Null, kms:KeySpec, true, a, false",
                "Null, kms:KeySpec, false, a, true",
                "Null, kms:KeySpec, false, -, false",
            })
    void compares(String operator, String key, String policy, @Nullable String request, boolean expected) {
        assertThat(holds("Allow", operator, key, policy, request)).isEqualTo(expected);
        assertThat(holds("Deny", operator, key, policy, request)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "ForAllValues:StringEquals, a|b|c, a|b, true",
                "ForAllValues:StringEquals, a|b, a|c, false",
                "ForAllValues:StringEquals, a, -, true",
                "ForAnyValue:StringEquals, a|b, c|b, true",
                "ForAnyValue:StringEquals, a|b, c|d, false",
                "ForAnyValue:StringEquals, a, -, false",
                "ForAnyValue:StringEqualsIfExists, a, -, true",
                "ForAllValues:StringNotEquals, a|b, c|d, true",
                "ForAllValues:StringNotEquals, a|b, c|a, false",
                "ForAnyValue:StringNotEquals, a|b, a|c, true",
                "ForAnyValue:StringNotEquals, a|b, a|b, false",
                "ForAnyValue:StringLike, a*, b|ab, true",
            })
    void quantifies(String operator, String policy, @Nullable String request, boolean expected) {
        assertThat(holds("Allow", operator, "aws:TagKeys", policy, request)).isEqualTo(expected);
        assertThat(holds("Deny", operator, "aws:TagKeys", policy, request)).isEqualTo(expected);
    }

    @Test
    void countsTheWorstOfSeveralValues() {
        assertThat(holds("Allow", "StringEquals", "aws:TagKeys", "a", "a|b")).isFalse();
        assertThat(holds("Deny", "StringEquals", "aws:TagKeys", "a", "a|b")).isTrue();
        assertThat(holds("Allow", "StringNotEquals", "aws:TagKeys", "a", "a|b")).isFalse();
        assertThat(holds("Deny", "StringNotEquals", "aws:TagKeys", "a", "a|b")).isTrue();
    }

    @Test
    void neverAllowsByAVariableWithoutValue() {
        String unknown = "${aws:PrincipalTag/team}";
        assertThat(holds("Allow", "StringEquals", "kms:KeySpec", unknown, "a")).isFalse();
        assertThat(holds("Allow", "StringNotEquals", "kms:KeySpec", unknown, "a"))
                .isFalse();
        assertThat(holds("Deny", "StringNotEquals", "kms:KeySpec", unknown, "a"))
                .isTrue();
    }

    @Test
    void takesTheCallerAndTheClockFromItself() {
        assertThat(holds("Allow", "StringEquals", "aws:username", "alice", "mallory"))
                .isTrue();
        assertThat(holds("Allow", "StringEquals", "kms:CallerAccount", "111122223333", null))
                .isTrue();
        assertThat(holds("Allow", "ArnEquals", "aws:PrincipalArn", "arn:aws:iam::111122223333:user/alice", null))
                .isTrue();
        // every signed request has it, so that a Deny on whoever is no service applies
        assertThat(holds("Deny", "Bool", "aws:PrincipalIsAWSService", "false", null))
                .isTrue();
        assertThat(holds("Allow", "DateLessThan", "aws:CurrentTime", "2026-11-24T12:00:01Z", null))
                .isTrue();
        assertThat(holds("Allow", "DateGreaterThan", "aws:EpochTime", "2026-11-24T12:00:01Z", null))
                .isFalse();
    }
}

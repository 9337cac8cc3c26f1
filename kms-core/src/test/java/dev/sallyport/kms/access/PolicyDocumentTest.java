package dev.sallyport.kms.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyDocumentTest {
    private static final String KEY_START =
            "{'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Principal': '*', ";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{}",
                "not json",
                "{'Statement': []}",
                "{'Statement': [1]}",
                "{'Version': '2012-10-18', 'Statement': [{'Effect': 'Allow', 'Principal': '*', 'Action': '*'}]}",
                "{'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Principal': '*', 'Action': '*'}], 'Extra': 1}",
                "{'Version': '2012-10-17', 'Version': '2012-10-17', 'Statement': {'Effect': 'Allow', 'Principal': '*', 'Action': '*'}}",
                "{'Statement': {'Effect': 'Allow', 'Principal': '*', 'Action': '*'}} {}",
                "{'Statement': {'Principal': '*', 'Action': '*'}}",
                "{'Statement': {'Effect': 'allow', 'Principal': '*', 'Action': '*'}}",
                "{'Statement': {'Effect': 'Allow', 'Action': '*'}}",
                "{'Statement': {'Effect': 'Allow', 'Principal': '*'}}",
                "{'Statement': {'Effect': 'Allow', 'Principal': '*', 'Action': []}}",
                "{'Statement': {'Effect': 'Allow', 'Principal': '*', 'Action': 'Decrypt'}}",
                "{'Statement': {'Effect': 'Allow', 'Principal': '*', 'Action': 'kms:'}}",
                "{'Statement': {'Effect': 'Allow', 'Principal': '*', 'Action': 'kms:*', 'NotAction': 'kms:*'}}",
                "{'Statement': {'Effect': 'Allow', 'Principal': '*', 'Action': {'a': 'b'}}}",
                "{'Statement': {'Effect': 'Allow', 'Principal': '*', 'Action': 'kms:*', 'Resource': 'key'}}",
                "{'Statement': {'Effect': 'Allow', 'Principal': '*', 'Action': 'kms:*', 'Condition': []}}",
                "{'Statement': {'Effect': 'Allow', 'Principal': '*', 'Action': 'kms:*', 'condition': {}}}",
                "{'Statement': {'Effect': 'Allow', 'NotPrincipal': '*', 'Action': 'kms:*'}}",
                "{'Statement': {'Effect': 'Deny', 'Principal': '*', 'NotPrincipal': '*', 'Action': 'kms:*'}}",
                "{'Statement': {'Effect': 'Allow', 'Principal': {}, 'Action': 'kms:*'}}",
                "{'Statement': {'Effect': 'Allow', 'Principal': 'alice', 'Action': 'kms:*'}}",
                "{'Statement': {'Effect': 'Allow', 'Principal': {'AWS': 'arn:aws:iam::111122223333:user/*'}, 'Action': 'kms:*'}}",
                "{'Statement': {'Effect': 'Allow', 'Principal': {'AWS': '11112222333'}, 'Action': 'kms:*'}}",
                "{'Statement': {'Effect': 'Allow', 'Principal': {'Federated': 'x'}, 'Action': 'kms:*'}}",
                "{'Statement': {'Effect': 'Allow', 'Principal': {'Service': 's3'}, 'Action': 'kms:*'}}",
            })
    void refusesWhatIsMalformed(String json) {
        assertThatThrownBy(() -> PolicyDocument.parse(json.replace('\'', '"'), PolicyKind.KEY))
                .isInstanceOf(MalformedPolicyException.class)
                .hasMessageMatching("(?s).{1,300}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // a Deny on a key that no request brings would never apply
                "{'StringEquals': {'s3:ExistingObjectTag/a': 'x'}}",
                "{'StringEquals': {'s3:BucketTag/a': 'x'}}",
                "{'StringEquals': {'s3:InventoryAccessibleOptionalFields': 'Size'}}",
                "{'StringEqual': {'kms:KeySpec': 'x'}}",
                "{'stringEquals': {'kms:KeySpec': 'x'}}",
                "{'ForEachValue:StringEquals': {'kms:KeySpec': 'x'}}",
                "{'NullIfExists': {'kms:KeySpec': 'true'}}",
                "{'ForAnyValue:Null': {'kms:KeySpec': 'true'}}",
                "{'StringEquals': {'kms:NoSuchKey': 'x'}}",
                "{'StringEquals': {'kms:EncryptionContext:': 'x'}}",
                "{'StringEquals': {'ec2:Region': 'x'}}",
                "{'StringEquals': {'kms:KeySpec': []}}",
                "{'StringEquals': {'kms:KeySpec': {'a': 'b'}}}",
                "{'StringEquals': {'kms:KeySpec': null}}",
                "{'StringEquals': {'kms:KeySpec': '${aws:username'}}",
                "{'StringEquals': {'kms:KeySpec': '${aws:nobody}'}}",
                "{'StringEquals': {'kms:KeySpec': '${aws:username, none}'}}",
                "{'StringEquals': 'x'}",
                "{'NumericEquals': {'s3:max-keys': 'ten'}}",
                "{'NumericEquals': {'s3:max-keys': '1e9'}}",
                "{'DateEquals': {'aws:CurrentTime': 'yesterday'}}",
                "{'Bool': {'aws:SecureTransport': 'yes'}}",
                "{'Null': {'aws:SecureTransport': 'maybe'}}",
                "{'BinaryEquals': {'kms:KeySpec': '!'}}",
                "{'IpAddress': {'aws:SourceIp': '203.0.113.0/33'}}",
                "{'IpAddress': {'aws:SourceIp': 'example.com'}}",
                "{'IpAddress': {'aws:SourceIp': '203.0.113'}}",
                "{'IpAddress': {'aws:SourceIp': '::/129'}}",
                "{'ArnLike': {'aws:PrincipalArn': 'alice'}}",
            })
    void refusesConditionsThatItDoesNotUnderstand(String condition) {
        String json = (KEY_START + "'Action': 'kms:*', 'Condition': " + condition + "}]}").replace('\'', '"');
        assertThatThrownBy(() -> PolicyDocument.parse(json, PolicyKind.KEY))
                .isInstanceOf(MalformedPolicyException.class);
    }

    @Test
    void takesScalarsWhereListsMayStand() {
        PolicyDocument policy = PolicyDocument.parse("""
                {"Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:Decrypt",
                  "Condition": {"Bool": {"aws:SecureTransport": true}, "NumericLessThan": {"s3:max-keys": 10}}}}""", PolicyKind.KEY);
        assertThat(policy.mentions("AWS:SecureTransport")).isTrue();
        assertThat(policy.mentions("s3:")).isTrue();
        assertThat(policy.mentions("s3:prefix")).isFalse();
    }

    @Test
    void keepsTheTextAsItWas() {
        String json = KeyPolicies.defaultPolicy("111122223333");
        assertThat(PolicyDocument.parse(json, PolicyKind.KEY).json()).isSameAs(json);
    }

    @Test
    void wantsPrincipalsOnlyInResourcePolicies() {
        String without = "{\"Statement\": {\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\"}}";
        String with = without.replace("\"Action\"", "\"Principal\": \"*\", \"Action\"");
        assertThat(PolicyDocument.parse(without, PolicyKind.IDENTITY).json()).isEqualTo(without);
        assertThatThrownBy(() -> PolicyDocument.parse(with, PolicyKind.IDENTITY))
                .hasMessage("Policy document should not specify a principal.");
        assertThatThrownBy(() -> PolicyDocument.parse(without, PolicyKind.BUCKET))
                .hasMessage("Missing required field Principal");
    }

    @Test
    void boundsSizeAndDepth() {
        String long32 = "{\"Id\": \"" + "x".repeat(40_000) + "\"}";
        assertThatThrownBy(() -> PolicyDocument.parse(long32, PolicyKind.KEY)).hasMessageContaining("32768");
        String wide = "{\"Id\": \"" + "é".repeat(20_000) + "\"}";
        assertThatThrownBy(() -> PolicyDocument.parse(wide, PolicyKind.KEY)).hasMessageContaining("32768");
        String deep = "{\"Statement\": " + "[".repeat(10_000) + "]".repeat(10_000) + "}";
        assertThatThrownBy(() -> PolicyDocument.parse(deep, PolicyKind.KEY))
                .isInstanceOf(MalformedPolicyException.class);
    }
}

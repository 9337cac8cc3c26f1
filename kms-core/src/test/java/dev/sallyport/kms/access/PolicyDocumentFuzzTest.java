package dev.sallyport.kms.access;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.Map;

/** Whatever the text, parsing ends in a document that can be evaluated, or in the one exception. */
class PolicyDocumentFuzzTest {
    @FuzzTest(maxDuration = "2m")
    void parsesOrRefuses(FuzzedDataProvider data) {
        PolicyKind kind = data.pickValue(PolicyKind.values());
        PolicyDocument policy;
        try {
            policy = PolicyDocument.parse(data.consumeRemainingAsString(), kind);
        } catch (MalformedPolicyException e) {
            return;
        }
        AccessRequest request = new AccessRequest(
                Policies.ALICE,
                "kms:Decrypt",
                Policies.KEY,
                Map.of("kms:KeySpec", List.of("SYMMETRIC_DEFAULT"), "aws:SourceIp", List.of("192.0.2.1")));
        AccessDecision decision = kind == PolicyKind.IDENTITY
                ? Policies.evaluator(policy).evaluate(request)
                : Policies.evaluator().evaluateKey(request, policy, Grants.NONE);
        if (!decision.allowed() && decision.message(request).isEmpty()) {
            throw new AssertionError("a denial without a message");
        }
    }
}

package dev.sallyport.kms.service;

import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** GetKeyPolicy, PutKeyPolicy and ListKeyPolicies. A key has one policy, whose name is {@code default}. */
final class PolicyOperations {
    private static final String DEFAULT = "default";

    private final KeyAccess access;
    private final KeyChanges changes;
    private final Markers markers;
    private final InstantSource clock;

    PolicyOperations(KeyAccess access, KeyChanges changes, Markers markers, InstantSource clock) {
        this.access = access;
        this.changes = changes;
        this.markers = markers;
        this.clock = clock;
    }

    KmsResponse.GetKeyPolicy getKeyPolicy(Call call, KmsRequest.GetKeyPolicy request) {
        call.parameter("keyId", request.keyId()).parameter("policyName", request.policyName());
        KeyRecord key = access.key(call, request.keyId(), Conditions.none()).key();
        requireDefault(request.policyName());
        return new KmsResponse.GetKeyPolicy(key.policy(), DEFAULT);
    }

    KmsResponse.Empty putKeyPolicy(Call call, KmsRequest.PutKeyPolicy request) {
        boolean bypass = request.bypassPolicyLockoutSafetyCheck();
        call.parameter("keyId", request.keyId())
                .parameter("policyName", request.policyName())
                .parameter("policy", request.policy())
                .parameter("bypassPolicyLockoutSafetyCheck", bypass);
        KnownKey key = access.key(
                call,
                request.keyId(),
                Conditions.none().with("kms:BypassPolicyLockoutSafetyCheck", String.valueOf(bypass)));
        requireDefault(request.policyName());
        Checks.keyPolicy(request.policy(), call.context(), key.key().arn(), bypass, clock);
        changes.change(call, key, now -> now.withPolicy(request.policy()));
        call.responded("keyId", key.key().arn());
        return new KmsResponse.Empty();
    }

    KmsResponse.ListKeyPolicies listKeyPolicies(Call call, KmsRequest.ListKeyPolicies request) {
        call.parameter("keyId", request.keyId()).parameter("limit", request.limit());
        KeyRecord key = access.key(call, request.keyId(), Conditions.none()).key();
        // there is never a second page, so every marker is invalid
        markers.read(call, key.keyId(), request.marker());
        return new KmsResponse.ListKeyPolicies(List.of(DEFAULT));
    }

    private static void requireDefault(@Nullable String policyName) {
        if (policyName != null && !policyName.equals(DEFAULT)) {
            throw KeyName.notFound("No such policy exists");
        }
    }
}

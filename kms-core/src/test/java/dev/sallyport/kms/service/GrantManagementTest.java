package dev.sallyport.kms.service;

import static dev.sallyport.kms.service.TestKms.arn;
import static dev.sallyport.kms.service.TestKms.as;
import static dev.sallyport.kms.service.TestKms.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.KmsException.Code;
import dev.sallyport.kms.service.KmsResponse.ListGrants.GrantListEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Making, listing, retiring and revoking grants. */
class GrantManagementTest extends GrantCases {
    @Test
    void theSameNameAndContentIsTheSameGrant() {
        UnaryOperator<GrantRequest.CreateGrant> named = r -> named(r, "retry");
        KmsResponse.CreateGrant first = create("admin", named, "alice", "Encrypt", "Decrypt");
        KmsResponse.CreateGrant again = create("admin", named, "alice", "Decrypt", "Encrypt");
        assertThat(again.grantId()).isEqualTo(first.grantId()).matches("[0-9a-f]{64}");
        assertThat(again.grantToken()).isNotEqualTo(first.grantToken());
        assertThat(list(null, null)).hasSize(1);

        assertThat(create("admin", named, "alice", "Encrypt").grantId()).isNotEqualTo(first.grantId());
        assertThat(create("admin", named, "bob", "Encrypt", "Decrypt").grantId())
                .isNotEqualTo(first.grantId());
        assertThat(create("admin", r -> r, "alice", "Encrypt", "Decrypt").grantId())
                .isNotEqualTo(
                        create("admin", r -> r, "alice", "Encrypt", "Decrypt").grantId());
        kms.call(new GrantRequest.RetireGrant(again.grantToken(), null, null, false));
        assertThat(create("admin", named, "alice", "Encrypt", "Decrypt").grantId())
                .as("made anew once retired")
                .isNotEqualTo(first.grantId());
    }

    @Test
    void isRetiredByWhomItNames() {
        for (String who : List.of("alice", "bob", "carol", "dave", "root")) {
            KmsResponse.CreateGrant made =
                    create("admin", r -> retiring(r, "carol"), "alice", "Encrypt", "RetireGrant");
            if (who.equals("dave")) {
                // a key policy alone retires nothing
                kms.call(new KmsRequest.PutKeyPolicy(key, null, """
                        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal":
                          {"AWS": ["%s", "%s"]}, "Action": "kms:*", "Resource": "*"}]}""".formatted(ROOT, arn("dave")), false));
            }
            CallContext caller = who.equals("root") ? root() : as(who);
            boolean may = List.of("alice", "carol", "root").contains(who);
            GrantRequest retire = who.equals("carol")
                    ? new GrantRequest.RetireGrant(null, key, made.grantId(), false)
                    : new GrantRequest.RetireGrant(made.grantToken(), null, null, false);
            if (may) {
                kms.service.call(caller, retire);
                assertThat(list(made.grantId(), null)).isEmpty();
            } else {
                assertThat(refusal(() -> kms.service.call(caller, retire)).code())
                        .as(who)
                        .isEqualTo(Code.ACCESS_DENIED);
                assertThat(list(made.grantId(), null)).hasSize(1);
            }
        }
        KmsResponse.CreateGrant kept = create("admin", r -> r, "alice", "Encrypt");
        assertThat(refusal(() -> kms.call("alice", new GrantRequest.RetireGrant(kept.grantToken(), null, null, false)))
                        .code())
                .as("a grantee without RetireGrant")
                .isEqualTo(Code.ACCESS_DENIED);
        kms.allow("bob", POLICY.formatted("Allow", "kms:RetireGrant"));
        kms.call("bob", new GrantRequest.RetireGrant(kept.grantToken(), null, null, false));
        KmsResponse.CreateGrant last = create("admin", r -> retiring(r, "carol"), "alice", "Encrypt");
        kms.allow("carol", POLICY.formatted("Deny", "kms:RetireGrant"));
        assertThat(refusal(() -> kms.call("carol", new GrantRequest.RetireGrant(last.grantToken(), null, null, false))))
                .hasMessageContaining("explicit deny");
    }

    @Test
    void refusesWhatNoGrantIs() {
        Map<GrantRequest.CreateGrant, Code> refused = Map.of(
                GrantRequest.CreateGrant.of(key, arn("alice"), "CreateGrant"), Code.VALIDATION,
                GrantRequest.CreateGrant.of(key, arn("alice")), Code.VALIDATION,
                GrantRequest.CreateGrant.of(key, arn("alice"), "Sign"), Code.VALIDATION,
                GrantRequest.CreateGrant.of(key, arn("alice"), "Encrypt", "GenerateMac"), Code.VALIDATION,
                GrantRequest.CreateGrant.of(key, "arn:aws:iam::999999999999:user/alice", "Encrypt"), Code.INVALID_ARN,
                GrantRequest.CreateGrant.of(key, "arn:aws:iam::999999999999:root", "Encrypt"), Code.INVALID_ARN,
                GrantRequest.CreateGrant.of(key, "AIDAalice", "Encrypt"), Code.INVALID_ARN,
                GrantRequest.CreateGrant.of(key, "ARN:aws:iam::" + TestKms.ACCOUNT + ":user/alice", "Encrypt"),
                        Code.INVALID_ARN,
                GrantRequest.CreateGrant.of(key, arn("alice") + "\n", "Encrypt"), Code.INVALID_ARN);
        refused.forEach((request, code) -> {
            assertThat(refusal(() -> kms.call(request))).as(request.toString()).isNotNull();
            assertThat(refusal(() -> kms.call(request)).code())
                    .as(request.toString())
                    .isEqualTo(code);
        });
        assertThat(refusal(() -> create(
                        "admin",
                        r -> new GrantRequest.CreateGrant(
                                r.keyId(),
                                r.granteePrincipal(),
                                null,
                                r.operations(),
                                pairs("a=1"),
                                pairs("b=2"),
                                null,
                                null,
                                null,
                                null,
                                false),
                        "Encrypt")))
                .hasMessage("More than one constraint supplied");
        assertThat(list(null, null)).isEmpty();
    }

    @Test
    void aDryRunChangesNothing() {
        KmsResponse.CreateGrant made = grant("alice", "Encrypt");
        assertThat(refusal(() -> create("admin", GrantCases::dry, "bob", "Encrypt"))
                        .code())
                .isEqualTo(Code.DRY_RUN);
        assertThat(refusal(() -> kms.call(new GrantRequest.RetireGrant(made.grantToken(), null, null, true)))
                        .code())
                .isEqualTo(Code.DRY_RUN);
        assertThat(refusal(() -> kms.call(new GrantRequest.RevokeGrant(key, made.grantId(), true)))
                        .code())
                .isEqualTo(Code.DRY_RUN);
        assertThat(refusal(() -> create("mallory", GrantCases::dry, "bob", "Encrypt"))
                        .code())
                .isEqualTo(Code.ACCESS_DENIED);
        assertThat(list(null, null)).hasSize(1);
    }

    @Test
    void listsPageByPageAndFiltered() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            ids.add(create("admin", r -> retiring(r, "carol"), i % 2 == 0 ? "alice" : "bob", "Encrypt")
                    .grantId());
        }
        String other = kms.createKey().arn();
        kms.call(retiring(GrantRequest.CreateGrant.of(other, arn("alice"), "Encrypt"), "carol"));
        assertThat(pages(marker -> new GrantRequest.ListGrants(key, null, null, null, 3, marker)))
                .containsExactlyInAnyOrderElementsOf(ids);
        assertThat(pages(marker -> new GrantRequest.ListGrants(key, null, arn("bob"), null, 2, marker)))
                .hasSize(3)
                .isSubsetOf(ids);
        assertThat(pages(marker -> new GrantRequest.ListRetirableGrants(arn("carol"), null, 3, marker)))
                .hasSize(8)
                .containsAll(ids);
        assertThat(list(ids.get(3), null)).hasSize(1);
        assertThat(list(ids.get(3), arn("alice"))).isEmpty();
        assertThat(list(null, arn("nobody"))).isEmpty();

        String marker = ((KmsResponse.ListGrants) kms.call(new GrantRequest.ListGrants(key, null, null, null, 3, null)))
                .nextMarker();
        for (GrantRequest misused : List.of(
                new GrantRequest.ListGrants(key, null, null, null, 3, marker + "A"),
                new GrantRequest.ListGrants(key, null, arn("bob"), null, 3, marker),
                new GrantRequest.ListGrants(other, null, null, null, 3, marker),
                new GrantRequest.ListRetirableGrants(arn("carol"), null, 3, marker))) {
            assertThat(refusal(() -> kms.call(misused)).code()).isEqualTo(Code.INVALID_MARKER);
        }
        // a marker whose grant is gone still says where to go on
        List<String> first = ((KmsResponse.ListGrants)
                        kms.call(new GrantRequest.ListGrants(key, null, null, null, 3, null)))
                .grants().stream().map(GrantListEntry::grantId).toList();
        kms.call(new GrantRequest.RevokeGrant(key, first.getLast(), false));
        assertThat(((KmsResponse.ListGrants) kms.call(new GrantRequest.ListGrants(key, null, null, null, 100, marker)))
                        .grants())
                .extracting(GrantListEntry::grantId)
                .hasSize(4)
                .doesNotContainAnyElementsOf(first);
        assertThat(refusal(() -> kms.call(new GrantRequest.ListGrants(key, null, null, null, 101, null)))
                        .code())
                .isEqualTo(Code.VALIDATION);
    }

    @Test
    void givesPoliciesItsConditionKeys() {
        for (Map.Entry<String, Boolean> each : Map.of(
                        "\"ForAllValues:StringEquals\": {\"kms:GrantOperations\": [\"Encrypt\", \"Decrypt\"]}",
                        true,
                        "\"ForAllValues:StringEquals\": {\"kms:GrantOperations\": \"Encrypt\"}",
                        false,
                        "\"StringEquals\": {\"kms:GranteePrincipal\": \"" + arn("alice") + "\"}",
                        true,
                        "\"StringEquals\": {\"kms:GranteePrincipal\": \"" + arn("bob") + "\"}",
                        false,
                        "\"StringEquals\": {\"kms:RetiringPrincipal\": \"" + arn("carol") + "\"}",
                        true,
                        "\"Null\": {\"kms:RetiringPrincipal\": \"true\"}",
                        false,
                        "\"StringEquals\": {\"kms:GrantConstraintType\": \"EncryptionContextSubset\"}",
                        true,
                        "\"StringEquals\": {\"kms:GrantConstraintType\": \"EncryptionContextEquals\"}",
                        false,
                        "\"Bool\": {\"kms:GrantIsForAWSResource\": \"true\"}",
                        false,
                        "\"StringEquals\": {\"kms:EncryptionContext:a\": \"1\"}",
                        true)
                .entrySet()) {
            kms.allow("issuer", """
                    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:CreateGrant",
                      "Resource": "*", "Condition": {%s}}]}""".formatted(each.getKey()));
            UnaryOperator<GrantRequest.CreateGrant> change =
                    r -> retiring(constrained(r, GrantConstraint.Type.SUBSET, pairs("a=1")), "carol");
            if (each.getValue()) {
                create("issuer", change, "alice", "Encrypt", "Decrypt");
            } else {
                KmsException refusal = refusal(() -> create("issuer", change, "alice", "Encrypt", "Decrypt"));
                assertThat(refusal).as(each.getKey()).isNotNull();
                assertThat(refusal.code()).as(each.getKey()).isEqualTo(Code.ACCESS_DENIED);
            }
        }
    }

    @Test
    void itsEventHoldsNoToken() {
        KmsResponse.CreateGrant made = grant("alice", "Encrypt");
        var event = kms.events.getLast();
        assertThat(event.eventName()).isEqualTo("CreateGrant");
        assertThat(event.requestParameters()).containsKeys("keyId", "granteePrincipal", "operations");
        assertThat(event.responseElements()).containsEntry("grantId", made.grantId());
        assertThat(event.toString()).doesNotContain(made.grantToken());
        kms.call(new GrantRequest.RetireGrant(made.grantToken(), null, null, false));
        assertThat(kms.events.getLast().toString()).contains(made.grantId()).doesNotContain(made.grantToken());
    }
}

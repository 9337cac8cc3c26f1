package dev.sallyport.kms.service;

import static dev.sallyport.kms.service.TestKms.arn;
import static dev.sallyport.kms.service.TestKms.as;
import static dev.sallyport.kms.service.TestKms.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.KmsException.Code;
import dev.sallyport.kms.service.KmsResponse.ListGrants.GrantListEntry;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What grants allow, to whom and until when. */
class GrantsTest extends GrantCases {
    @Test
    void worksAtOnceForItsGranteeAndTheOperationOnly() {
        assertThat(refusal(() -> encrypt("alice", EncryptionContext.EMPTY)).code())
                .isEqualTo(Code.ACCESS_DENIED);
        grant("alice", "Encrypt");

        encrypt("alice", EncryptionContext.EMPTY);
        assertThat(refusal(() -> dataKey("alice", EncryptionContext.EMPTY)).code())
                .isEqualTo(Code.ACCESS_DENIED);
        assertThat(refusal(() -> encrypt("bob", EncryptionContext.EMPTY)).code())
                .isEqualTo(Code.ACCESS_DENIED);
        String other = kms.createKey().arn();
        assertThat(refusal(() -> kms.service.encrypt(as("alice"), other, new byte[1], EncryptionContext.EMPTY))
                        .code())
                .isEqualTo(Code.ACCESS_DENIED);
    }

    @Test
    void isGoneWithTheAnswerOfItsRevocation() {
        KmsResponse.CreateGrant made = grant("alice", "Encrypt");
        encrypt("alice", EncryptionContext.EMPTY);
        kms.call(new GrantRequest.RevokeGrant(key, made.grantId(), false));

        assertThat(refusal(() -> encrypt("alice", EncryptionContext.EMPTY)).code())
                .isEqualTo(Code.ACCESS_DENIED);
        assertThat(refusal(() ->
                                kms.service.call(with(as("alice"), made.grantToken()), new KmsRequest.DescribeKey(key)))
                        .code())
                .as("its token names nothing any more")
                .isEqualTo(Code.ACCESS_DENIED);
        assertThat(refusal(() -> kms.call(new GrantRequest.RevokeGrant(key, made.grantId(), false))))
                .hasMessage("Grant ID " + made.grantId() + " not found")
                .extracting(KmsException::code)
                .isEqualTo(Code.NOT_FOUND);
    }

    @Test
    void explicitDenialsOutweighIt() {
        grant("alice", "Encrypt");
        kms.allow("alice", POLICY.formatted("Deny", "kms:Encrypt"));
        assertThat(refusal(() -> encrypt("alice", EncryptionContext.EMPTY)))
                .hasMessageContaining("with an explicit deny in an identity-based policy");

        kms.allow("alice");
        kms.call(new KmsRequest.PutKeyPolicy(key, null, """
                {"Version": "2012-10-17", "Statement": [
                  {"Effect": "Allow", "Principal": {"AWS": "%s"}, "Action": "kms:*", "Resource": "*"},
                  {"Effect": "Deny", "Principal": {"AWS": "%s"}, "Action": "kms:Encrypt", "Resource": "*"}]}""".formatted(ROOT, arn("alice")), false));
        assertThat(refusal(() -> encrypt("alice", EncryptionContext.EMPTY)))
                .hasMessageContaining("with an explicit deny in a resource-based policy");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                // constraint | context of the request | allowed
                "EQUALS | a=1     | a=1       | true",
                "EQUALS | a=1     | A=1       | true",
                "EQUALS | a=1     | a=1,b=2   | false",
                "EQUALS | a=1     | a=2       | false",
                "EQUALS | a=x     | a=X       | false",
                "EQUALS | a=1     | -         | false",
                "EQUALS | a=1     | a=1,A=1   | false",
                "EQUALS | a=1,b=2 | b=2,a=1   | true",
                "EQUALS | ab=c    | a=bc      | false",
                "SUBSET | a=1     | a=1       | true",
                "SUBSET | a=1     | b=2,A=1   | true",
                "SUBSET | a=1,b=2 | a=1       | false",
                "SUBSET | a=1,b=2 | a=1,b=2,c=3 | true",
                "SUBSET | a=1     | b=1       | false",
                "SUBSET | a=1     | -         | false",
                "SUBSET | b=2,a=1 | a=2,b=1   | false",
            })
    void itsConstraintSpeaksOfTheContext(
            GrantConstraint.Type type, String constraint, @Nullable String context, boolean allowed) {
        create("admin", r -> constrained(r, type, pairs(constraint)), "Encrypt", "DescribeKey");
        EncryptionContext given = pairs(context);
        if (allowed) {
            encrypt("alice", given);
        } else {
            assertThat(refusal(() -> encrypt("alice", given)).code()).isEqualTo(Code.ACCESS_DENIED);
        }
        // which has no context
        kms.call("alice", new KmsRequest.DescribeKey(key));
    }

    @Test
    void twoGrantsAreNotAddedUp() {
        create("admin", r -> constrained(r, GrantConstraint.Type.SUBSET, pairs("a=1")), "Encrypt");
        create("admin", r -> constrained(r, GrantConstraint.Type.SUBSET, pairs("b=2")), "GenerateDataKey");
        encrypt("alice", pairs("a=1,b=2"));
        assertThat(refusal(() -> encrypt("alice", pairs("b=2"))).code()).isEqualTo(Code.ACCESS_DENIED);
        assertThat(refusal(() -> dataKey("alice", pairs("a=1"))).code()).isEqualTo(Code.ACCESS_DENIED);
    }

    @Test
    void aGranteeGrantsNoMoreThanItHolds() {
        create(
                "admin",
                r -> constrained(r, GrantConstraint.Type.SUBSET, pairs("a=1")),
                "Encrypt",
                "Decrypt",
                "CreateGrant");
        create("alice", r -> constrained(r, GrantConstraint.Type.SUBSET, pairs("a=1,b=2")), "bob", "Encrypt");
        create("alice", r -> constrained(r, GrantConstraint.Type.EQUALS, pairs("A=1")), "bob", "Encrypt", "Decrypt");
        create(
                "alice",
                r -> constrained(r, GrantConstraint.Type.SUBSET, pairs("a=1")),
                "bob",
                "CreateGrant",
                "Decrypt");
        for (List<Object> refused : List.<List<Object>>of(
                List.of(GrantConstraint.Type.SUBSET, "a=1", "GenerateDataKey"),
                List.of(GrantConstraint.Type.SUBSET, "a=2", "Encrypt"),
                List.of(GrantConstraint.Type.SUBSET, "b=2", "Encrypt"),
                List.of(GrantConstraint.Type.EQUALS, "b=2", "Encrypt"),
                List.of(GrantConstraint.Type.SUBSET, "a=1", "RetireGrant"))) {
            KmsException refusal = refusal(() -> create(
                    "alice",
                    r -> constrained(r, (GrantConstraint.Type) refused.get(0), pairs((String) refused.get(1))),
                    "bob",
                    (String) refused.get(2)));
            assertThat(refusal).as(refused.toString()).isNotNull();
            assertThat(refusal.code()).as(refused.toString()).isEqualTo(Code.ACCESS_DENIED);
        }
        assertThat(refusal(() -> create("alice", r -> r, "bob", "Encrypt")).code())
                .as("without the constraint")
                .isEqualTo(Code.ACCESS_DENIED);
        assertThat(refusal(() -> create("bob", r -> r, "carol", "Encrypt")).code())
                .isEqualTo(Code.ACCESS_DENIED);
    }

    @Test
    void operationsOfTwoGrantsMakeNoThird() {
        create("admin", r -> r, "alice", "CreateGrant", "Encrypt");
        create("admin", r -> r, "alice", "CreateGrant", "Decrypt");
        create("alice", r -> r, "bob", "Encrypt");
        create("alice", r -> r, "bob", "Decrypt");
        assertThat(refusal(() -> create("alice", r -> r, "bob", "Encrypt", "Decrypt"))
                        .code())
                .isEqualTo(Code.ACCESS_DENIED);
    }

    @Test
    void whoeverIsMadeAnewUnderTheSameNameHoldsNothing() {
        create("admin", r -> retiring(r, "alice"), "alice", "Encrypt", "RetireGrant");
        CallContext old = as("alice");
        var caller = old.caller();
        CallContext anew = new CallContext(
                new dev.sallyport.kms.Caller(
                        caller.arn(), caller.accountId(), "AIDAANEW", "alice", caller.accessKeyId(), null),
                old.region(),
                old.requestId(),
                old.sourceIp(),
                old.userAgent(),
                false,
                null,
                null,
                null,
                List.of());
        kms.service.encrypt(old, key, new byte[1], EncryptionContext.EMPTY);
        assertThat(refusal(() -> kms.service.encrypt(anew, key, new byte[1], EncryptionContext.EMPTY))
                        .code())
                .isEqualTo(Code.ACCESS_DENIED);
        kms.removed.add("alice");
        GrantListEntry shown = list(null, null).getFirst();
        assertThat(shown.granteePrincipal()).isEqualTo("AIDAalice");
        assertThat(shown.retiringPrincipal()).isEqualTo("AIDAalice");
        assertThat(refusal(() -> grant("alice", "Encrypt")).code()).isEqualTo(Code.INVALID_ARN);
    }

    @Test
    void aGrantToTheAccountLeavesTheQuestionToItsPolicies() {
        kms.call(new KmsRequest.PutKeyPolicy(key, null, """
                {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "%s"},
                  "Action": "kms:*", "Resource": "*"}]}""".formatted(arn("admin")), false));
        kms.allow("bob", POLICY.formatted("Allow", "kms:Encrypt"));
        assertThat(refusal(() -> encrypt("bob", EncryptionContext.EMPTY)).code())
                .isEqualTo(Code.ACCESS_DENIED);
        kms.call(GrantRequest.CreateGrant.of(key, ROOT, "Encrypt"));
        encrypt("bob", EncryptionContext.EMPTY);
        assertThat(refusal(() -> encrypt("alice", EncryptionContext.EMPTY)).code())
                .isEqualTo(Code.ACCESS_DENIED);
    }

    @Test
    void aTokenGivesNobodyElseAnything() {
        KmsResponse.CreateGrant made = grant("alice", "DescribeKey");
        kms.service.call(with(as("alice"), made.grantToken()), new KmsRequest.DescribeKey(key));
        assertThat(refusal(() -> kms.service.call(with(as("bob"), made.grantToken()), new KmsRequest.DescribeKey(key)))
                        .code())
                .isEqualTo(Code.ACCESS_DENIED);
        String token = made.grantToken();
        String forged = (token.startsWith("A") ? "B" : "A") + token.substring(1);
        for (String bad : List.of(forged, "x", token.substring(0, token.length() - 2), token + "AA", "é")) {
            assertThat(refusal(() -> kms.service.call(with(as("admin"), bad), new KmsRequest.DescribeKey(key)))
                            .code())
                    .as(bad)
                    .isEqualTo(Code.INVALID_GRANT_TOKEN);
            assertThat(refusal(() -> kms.call(new GrantRequest.RetireGrant(bad, null, null, false)))
                            .code())
                    .isEqualTo(Code.INVALID_GRANT_TOKEN);
        }
        assertThat(refusal(() -> kms.service.call(
                                as("admin", TestKms.ACCOUNT, "us-east-1"),
                                new GrantRequest.RetireGrant(token, null, null, false)))
                        .code())
                .as("another region's")
                .isEqualTo(Code.INVALID_GRANT_TOKEN);
    }
}

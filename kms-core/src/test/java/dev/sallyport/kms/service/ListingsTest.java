package dev.sallyport.kms.service;

import static dev.sallyport.kms.service.TestKms.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.access.KeyPolicies;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ListingsTest {
    private final TestKms kms = new TestKms();

    private KmsResponse.ListKeys keys(Integer limit, String marker) {
        return (KmsResponse.ListKeys) kms.call(new KmsRequest.ListKeys(limit, marker, List.of()));
    }

    @Test
    void pagesHoldEveryKeyOnce() {
        List<String> made = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            made.add(kms.createKey().keyId());
        }
        List<String> listed = new ArrayList<>();
        KmsResponse.ListKeys page = (KmsResponse.ListKeys) kms.call(new KmsRequest.ListKeys(3, null, List.of()));
        while (true) {
            page.keys().forEach(key -> listed.add(key.keyId()));
            String next = page.nextMarker();
            if (next == null) {
                break;
            }
            page = keys(3, next);
        }
        assertThat(listed).containsExactlyInAnyOrderElementsOf(made);
    }

    @Test
    void aMarkerOfAnotherListingOrOfAClientIsRefused() {
        String one = kms.createKey().arn();
        kms.createKey();
        for (String alias : List.of("alias/a", "alias/b")) {
            kms.call(new KmsRequest.CreateAlias(alias, one));
        }
        String ofKeys = Objects.requireNonNull(
                ((KmsResponse.ListKeys) kms.call(new KmsRequest.ListKeys(1, null, List.of()))).nextMarker());
        String ofAliases = Objects.requireNonNull(
                ((KmsResponse.ListAliases) kms.call(new KmsRequest.ListAliases(null, 1, null))).nextMarker());
        char last = ofAliases.charAt(ofAliases.length() - 1);
        String tampered = ofAliases.substring(0, ofAliases.length() - 1) + (last == 'A' ? 'E' : 'A');
        for (String marker : List.of(ofKeys, tampered, "x", "!!!", "AAAA")) {
            assertThat(refusal(() -> kms.call(new KmsRequest.ListAliases(null, 1, marker)))
                            .code())
                    .as(marker)
                    .isEqualTo(KmsException.Code.INVALID_MARKER);
        }
        assertThat(refusal(() -> kms.call(new KmsRequest.ListAliases(one, 1, ofAliases)))
                        .code())
                .isEqualTo(KmsException.Code.INVALID_MARKER);
        kms.call(new KmsRequest.ListAliases(null, 1, ofAliases));
    }

    @Test
    void aliasesHaveASmallerPage() {
        assertThat(refusal(() -> kms.call(new KmsRequest.ListAliases(null, 101, null))))
                .hasMessage("1 validation error detected: Value '101' at 'limit' failed to satisfy constraint:"
                        + " Member must have value less than or equal to 100");
    }

    @Test
    void namesOfKeysAreRefusedInAwsWords() {
        String id = "0d990263-018e-4e65-a703-eff731de951e";
        String arn = "arn:aws:kms:eu-central-1:111122223333:key/" + id;
        String mrk = "mrk-00000000000000000000000000000000";
        assertNotFound(id, "Key '" + arn + "' does not exist");
        assertNotFound(arn, "Key '" + arn + "' does not exist");
        assertNotFound(mrk, "Key 'arn:aws:kms:eu-central-1:111122223333:key/" + mrk + "' does not exist");
        assertNotFound("fake-key-id", "Invalid keyId 'fake-key-id'");
        assertNotFound("134f2428cec14b25a1ae9048164dba47", "Invalid keyId '134f2428cec14b25a1ae9048164dba47'");
        assertNotFound("mrk-fake-key-id", "Invalid keyId 'mrk-fake-key-id'");
        assertNotFound(arn.replace("eu-central-1", "us-west-2"), "Invalid arn us-west-2");
        assertNotFound("arn:aws:s3:::b", "Invalid arn arn:aws:s3:::b");
        assertNotFound("alias/no", "Alias arn:aws:kms:eu-central-1:111122223333:alias/no is not found.");
        assertThat(refusal(() -> kms.describe(arn.replace("111122223333", "444455556666")))
                        .code())
                .isEqualTo(KmsException.Code.ACCESS_DENIED);
        assertThat(refusal(() -> kms.call("eve", new KmsRequest.DescribeKey(id)))
                        .code())
                .as("who may not describe does not learn what exists")
                .isEqualTo(KmsException.Code.ACCESS_DENIED);
    }

    private void assertNotFound(String given, String message) {
        KmsException refusal = refusal(() -> kms.describe(given));
        assertThat(refusal.code()).isEqualTo(KmsException.Code.NOT_FOUND);
        assertThat(refusal).hasMessage(message);
    }

    @Test
    void aliasesMoveAndGo() {
        KeyMetadata one = kms.createKey();
        KeyMetadata two = kms.createKey();
        kms.call(new KmsRequest.CreateAlias("alias/a", one.keyId()));
        assertThat(refusal(() -> kms.call(new KmsRequest.CreateAlias("alias/a", two.keyId()))))
                .hasMessage("An alias with the name arn:aws:kms:eu-central-1:111122223333:alias/a already exists");
        assertThat(kms.describe("alias/a").keyId()).isEqualTo(one.keyId());
        kms.call(new KmsRequest.UpdateAlias("alias/a", two.keyId()));
        assertThat(kms.describe("arn:aws:kms:eu-central-1:111122223333:alias/a").keyId())
                .isEqualTo(two.keyId());
        kms.call(new KmsRequest.DeleteAlias("alias/a"));
        assertThat(refusal(() -> kms.describe("alias/a")).code()).isEqualTo(KmsException.Code.NOT_FOUND);
        assertThat(refusal(() -> kms.call(new KmsRequest.DeleteAlias("alias/a")))
                        .code())
                .isEqualTo(KmsException.Code.NOT_FOUND);
        assertThat(refusal(() -> kms.call(new KmsRequest.CreateAlias("alias/aws/x", one.keyId())))
                        .code())
                .isEqualTo(KmsException.Code.NOT_AUTHORIZED);
        assertThat(refusal(() -> kms.call(new KmsRequest.CreateAlias("alias/b", "alias/a")))
                        .code())
                .isEqualTo(KmsException.Code.VALIDATION);
    }

    @Test
    void anAliasNeedsPermissionOnItselfAndOnItsKey() {
        String arn = kms.createKey().arn();
        String statement = "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\","
                + " \"Action\": \"kms:CreateAlias\", \"Resource\": \"%s\"}]}";
        String alias = "arn:aws:kms:eu-central-1:111122223333:alias/a";
        kms.allow("onKey", statement.formatted(arn));
        kms.allow("onAlias", statement.formatted(alias));
        kms.allow("onBoth", statement.formatted(arn), statement.formatted(alias));
        for (String user : List.of("onKey", "onAlias")) {
            assertThat(refusal(() -> kms.call(user, new KmsRequest.CreateAlias("alias/a", arn)))
                            .code())
                    .isEqualTo(KmsException.Code.ACCESS_DENIED);
        }
        kms.call("onBoth", new KmsRequest.CreateAlias("alias/a", arn));
    }

    @Test
    void aPolicyThatLocksItsAuthorOutIsRefused() {
        String arn = kms.createKey().arn();
        String closed = """
                {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/other"},
                 "Action": "kms:*", "Resource": "*"}]}""";
        assertThat(refusal(() -> kms.call(new KmsRequest.PutKeyPolicy(arn, null, closed, false))))
                .hasMessage("The new key policy will not allow you to update the key policy in the future.");
        assertThat(refusal(() -> kms.call(new KmsRequest.PutKeyPolicy(arn, null, "{", false)))
                        .code())
                .isEqualTo(KmsException.Code.MALFORMED_POLICY);
        assertThat(((KmsResponse.GetKeyPolicy) kms.call(new KmsRequest.GetKeyPolicy(arn, null))).policy())
                .isEqualTo(KeyPolicies.defaultPolicy("111122223333"));
        kms.call(new KmsRequest.PutKeyPolicy(arn, "default", closed, true));
        assertThat(refusal(() -> kms.describe(arn)).code()).isEqualTo(KmsException.Code.ACCESS_DENIED);
    }

    @Test
    void tagsAreCounted() {
        String arn = kms.createKey().arn();
        List<Tag> fifty = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            fifty.add(new Tag("t" + i, "v"));
        }
        kms.call(new KmsRequest.TagResource(arn, fifty));
        assertThat(refusal(() -> kms.call(new KmsRequest.TagResource(arn, List.of(new Tag("more", "v"))))))
                .hasMessage("Too many tags");
        kms.call(new KmsRequest.TagResource(arn, List.of(new Tag("t1", "changed"))));
        assertThat(refusal(() -> kms.call(new KmsRequest.TagResource(arn, List.of(new Tag("AWS:x", "v"))))))
                .hasMessage("Tags beginning with aws: are reserved");
        KmsResponse.ListResourceTags page =
                (KmsResponse.ListResourceTags) kms.call(new KmsRequest.ListResourceTags(arn, 49, null));
        assertThat(page.tags()).hasSize(49);
        KmsResponse.ListResourceTags rest =
                (KmsResponse.ListResourceTags) kms.call(new KmsRequest.ListResourceTags(arn, 49, page.nextMarker()));
        assertThat(rest.tags()).hasSize(1);
        assertThat(rest.nextMarker()).isNull();
    }
}

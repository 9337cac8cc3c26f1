package dev.sallyport.kms.principal;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.kms.Caller;
import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.kms.store.SqliteKeyStore;
import dev.sallyport.kms.store.StoreException;
import dev.sallyport.kms.store.StoreException.Reason;
import dev.sallyport.kms.store.TestStores;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrincipalsTest {
    private static final String ACCOUNT = "111122223333";
    private static final String READ_ONLY =
            "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}}";

    @TempDir
    Path temporary;

    private SqliteKeyStore store;
    private PrincipalAdmin admin;
    private Principals principals;

    @BeforeEach
    void open() {
        store = TestStores.open(temporary);
        admin = new PrincipalAdmin(store, ACCOUNT, Clock.systemUTC());
        principals = new Principals(store);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static String text(NewAccessKey key) {
        return text(key.secret());
    }

    private static String text(SecretBytes secret) {
        return secret.use(bytes -> new String(bytes, US_ASCII));
    }

    private AccessKey lookUp(String id) {
        return principals.byAccessKeyId(id).orElseThrow();
    }

    private boolean usable(String id) {
        return principals
                .byAccessKeyId(id)
                .map(key -> key.isUsable(Instant.now()))
                .orElse(false);
    }

    @Test
    void anAccessKeyFindsItsCallerAndSecret() {
        NewAccessKey made = admin.add("alice", Map.of(), false);
        AccessKey key = lookUp(made.id());
        assertThat(made.id()).matches("AKIA[A-Z2-7]{16}");
        assertThat(text(made)).matches("[A-Za-z0-9+/]{40}");
        assertThat(text(key.secret())).isEqualTo(text(made));
        Caller caller = key.caller();
        assertThat(caller.arn()).isEqualTo("arn:aws:iam::111122223333:user/alice");
        assertThat(caller.principalId()).matches("AIDA[A-Z2-7]{17}");
        assertThat(caller.accessKeyId()).isEqualTo(made.id());
        assertThat(key.isUsable(Instant.now())).isTrue();
        assertThat(key.toString()).doesNotContain(text(made));
        assertThat(made.toString()).doesNotContain(text(made));
    }

    @Test
    void unknownAndAbsurdIdsAreUnknown() {
        assertThat(principals.byAccessKeyId("AKIAAAAAAAAAAAAAAAAA")).isEmpty();
        assertThat(principals.byAccessKeyId("")).isEmpty();
        assertThat(principals.byAccessKeyId("A".repeat(10_000))).isEmpty();
    }

    @Test
    void disablingStopsACachedKeyAtOnce() {
        String id = admin.add("alice", Map.of(), false).id();
        assertThat(usable(id)).isTrue();
        admin.setEnabled("alice", null, false);
        assertThat(usable(id)).isFalse();
        admin.setEnabled("alice", null, true);
        assertThat(usable(id)).isTrue();
        admin.setEnabled("alice", id, false);
        assertThat(usable(id)).isFalse();
        admin.setEnabled("alice", id, true);
        admin.remove("alice", null);
        assertThat(principals.byAccessKeyId(id)).isEmpty();
    }

    @Test
    void rotationKeepsTheOldKeyUntilItIsDisabled() {
        String first = admin.add("alice", Map.of(), false).id();
        String second = admin.rotate("alice").id();
        assertThat(usable(first)).isTrue();
        assertThat(usable(second)).isTrue();
        assertRefused(() -> admin.rotate("alice"), "has two access keys already");
        admin.setEnabled("alice", first, false);
        assertThat(usable(first)).isFalse();
        assertThat(usable(second)).isTrue();
        admin.remove("alice", first);
        assertThat(admin.list().getFirst().accessKeys())
                .extracting(AccessKeyInfo::id)
                .containsExactly(second);
    }

    @Test
    void policiesFollowTheirPrincipal() {
        String id = admin.add("alice", Map.of("read", READ_ONLY), true).id();
        Caller alice = lookUp(id).caller();
        assertThat(principals.of(alice)).hasSize(2);
        admin.removePolicy("alice", PrincipalAdmin.ADMINISTRATOR);
        assertThat(principals.of(alice)).hasSize(1);
        assertThat(admin.policies("alice")).containsExactly(Map.entry("read", READ_ONLY));
        admin.putPolicy("alice", "more", READ_ONLY);
        assertThat(principals.of(alice)).hasSize(2);
        admin.remove("alice", null);
        admin.add("alice", Map.of("read", READ_ONLY), false);
        assertThat(principals.of(alice)).as("another user of the same name").isEmpty();
    }

    @Test
    void namesThatBeginAlikeStayApart() {
        String al = admin.add("al", Map.of("p", READ_ONLY), false).id();
        String alice = admin.add("al+ice", Map.of(), false).id();
        admin.rotate("al+ice");
        admin.remove("al", null);
        assertThat(principals.byAccessKeyId(al)).isEmpty();
        assertThat(usable(alice)).isTrue();
        assertThat(admin.list()).hasSize(1);
    }

    @Test
    void refusalsAreOneLine() {
        admin.add("alice", Map.of(), false);
        assertRefused(() -> admin.add("Alice", Map.of(), false), "principal alice exists already");
        assertRefused(() -> admin.add("a/b", Map.of(), false), "a user's name has");
        assertRefused(() -> admin.add("", Map.of(), false), "a user's name has");
        assertRefused(() -> admin.add("bob", Map.of("p", "{}"), false), "policy p is malformed");
        assertRefused(() -> admin.remove("bob", null), "there is no principal bob");
        assertRefused(() -> admin.setEnabled("alice", "AKIAAAAAAAAAAAAAAAAA", false), "has no access key");
        assertRefused(() -> admin.removePolicy("alice", "none"), "has no policy none");
        for (int i = 0; i < PrincipalAdmin.MAX_POLICIES; i++) {
            admin.putPolicy("alice", "p" + i, READ_ONLY);
        }
        admin.putPolicy("alice", "p0", READ_ONLY);
        assertRefused(() -> admin.putPolicy("alice", "one-more", READ_ONLY), "has 10 policies already");
    }

    private static void assertRefused(Runnable action, String message) {
        assertThatThrownBy(action::run)
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.REFUSED))
                .hasMessageContaining(message);
    }
}

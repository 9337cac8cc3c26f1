package dev.sallyport.kms.seal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.kms.seal.SealException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SealsTest {
    private static final Argon2Parameters CHEAP = new Argon2Parameters(Argon2Parameters.MIN_MEMORY_KIB, 1, 1);
    private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");

    @TempDir
    Path temporary;

    private static SealSecret passphrase(String text) {
        return SealSecret.passphrase(text.getBytes(UTF_8));
    }

    private static void assertFails(Reason reason, String message, ThrowingCallable action) {
        assertThatThrownBy(action)
                .isInstanceOfSatisfying(
                        SealException.class, e -> assertThat(e.reason()).isEqualTo(reason))
                .hasMessageContaining(message)
                .message()
                .doesNotContain("\n");
    }

    private static void assertOpens(Seals seals, SealSecret secret, RootKey expected) {
        try (RootKey root = Seals.parse(seals.toJson()).open(secret)) {
            assertThat(root.id()).isEqualTo(expected.id());
        }
    }

    @Test
    void anySealOpensTheSameRootKey() {
        try (RootKey root = RootKey.generate();
                SealSecret passphrase = passphrase("correct horse battery");
                SealSecret other = passphrase("another passphrase");
                SealSecret file = SealSecret.newKeyFile(temporary.resolve("key"))) {
            Seals one = Seals.create(root, passphrase, NOW, CHEAP);
            Seals three = one.add(root, file, NOW, CHEAP).add(root, other, NOW, CHEAP);
            assertOpens(three, passphrase, root);
            assertOpens(three, other, root);
            assertOpens(three, file, root);
            assertFails(Reason.WRONG_SECRET, "wrong key file", () -> one.open(file));
            assertFails(Reason.WRONG_SECRET, "wrong passphrase", () -> one.open(other));

            Seals two = three.remove(three.list().getFirst().id());
            assertFails(Reason.WRONG_SECRET, "opens none of the key store's 2 seal(s)", () -> two.open(passphrase));
            assertOpens(two, other, root);
            Seals last = two.remove(two.list().getFirst().id());
            assertFails(
                    Reason.REFUSED,
                    "is the last one",
                    () -> last.remove(last.list().getFirst().id()));
            assertFails(Reason.REFUSED, "has no seal 00000000", () -> two.remove("00000000"));
        }
    }

    @Test
    void nothingOfTheRootKeyOrSecretShows() {
        try (RootKey root = RootKey.generate();
                SealSecret secret = passphrase("correct horse battery")) {
            Seals seals = Seals.create(root, secret, NOW, CHEAP);
            assertThat(new String(seals.toJson(), UTF_8)).doesNotContain("correct horse");
            assertThat(root.toString() + secret).doesNotContain("correct horse");
        }
    }

    @Test
    void theEndOfLineIsNoPartOfAPassphrase() throws IOException {
        Path file = Files.writeString(temporary.resolve("p"), "correct horse battery\r\n");
        try (RootKey root = RootKey.generate();
                SealSecret typed = passphrase("correct horse battery");
                SealSecret read = SealSecret.passphraseFile(file)) {
            assertOpens(Seals.create(root, typed, NOW, CHEAP), read, root);
        }
    }

    @Test
    void unusableSecretsAreRefused() throws IOException {
        assertFails(Reason.BAD_SECRET, "1 to 1024 bytes", () -> passphrase(""));
        assertFails(Reason.BAD_SECRET, "1 to 1024 bytes", () -> passphrase("\n"));
        assertFails(Reason.BAD_SECRET, "1 to 1024 bytes", () -> passphrase("x".repeat(1025)));
        assertFails(Reason.BAD_SECRET, "does not exist", () -> SealSecret.passphraseFile(temporary.resolve("none")));
        try (RootKey root = RootKey.generate();
                SealSecret weak = passphrase("short")) {
            assertFails(Reason.BAD_SECRET, "at least 12 bytes", () -> Seals.create(root, weak, NOW, CHEAP));
        }
        Path key = temporary.resolve("key");
        SealSecret.newKeyFile(key).close();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                .isEqualTo("rw-------");
        assertThat(Files.size(key)).isEqualTo(32);
        SealSecret.keyFile(key).close();
        assertFails(Reason.BAD_SECRET, "never overwritten", () -> SealSecret.newKeyFile(key));
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r-----"));
        assertFails(Reason.BAD_SECRET, "chmod 600", () -> SealSecret.keyFile(key));
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        Files.write(key, new byte[33]);
        assertFails(Reason.BAD_SECRET, "exactly 32 bytes", () -> SealSecret.keyFile(key));
    }

    @Test
    void costsAreBoundedWhenRead() {
        try (RootKey root = RootKey.generate();
                SealSecret secret = passphrase("correct horse battery")) {
            String json = new String(Seals.create(root, secret, NOW, CHEAP).toJson(), UTF_8);
            for (String memory : new String[] {"8191", "1048577", "-1", "2147483647", "1e9", "\"8192\""}) {
                String edited = json.replace("\"memoryKiB\" : 8192", "\"memoryKiB\" : " + memory);
                assertThat(edited).isNotEqualTo(json);
                assertFails(Reason.MALFORMED, "", () -> Seals.parse(edited.getBytes(UTF_8)));
            }
            for (String field : new String[] {"iterations", "parallelism"}) {
                for (String value : new String[] {"0", "17", "-1"}) {
                    String edited = json.replace("\"" + field + "\" : 1", "\"" + field + "\" : " + value);
                    assertThat(edited).isNotEqualTo(json);
                    assertFails(Reason.MALFORMED, "out of bounds", () -> Seals.parse(edited.getBytes(UTF_8)));
                }
            }
        }
    }

    @Test
    void anEditedSealDoesNotOpen() {
        try (RootKey root = RootKey.generate();
                SealSecret secret = passphrase("correct horse battery")) {
            Seals seals = Seals.create(root, secret, NOW, CHEAP);
            String json = new String(seals.toJson(), UTF_8);
            String id = seals.list().getFirst().id();
            String otherId = id.charAt(0) == '0' ? "1" + id.substring(1) : "0" + id.substring(1);
            for (String edited : new String[] {
                json.replace(id, otherId),
                json.replace("2026-11-24", "2026-11-25"),
                json.replace("\"iterations\" : 1", "\"iterations\" : 2")
            }) {
                assertThat(edited).isNotEqualTo(json);
                Seals parsed = Seals.parse(edited.getBytes(UTF_8));
                assertFails(Reason.WRONG_SECRET, "wrong passphrase", () -> parsed.open(secret));
            }
        }
    }

    @Test
    void malformedFilesAreRefusedInALine() {
        for (String text : new String[] {
            "",
            "{}",
            "[]",
            "null",
            "{\"version\":2}",
            "{\"version\":1,\"rootKeyId\":\"x\",\"seals\":[]}",
            "{\"version\":1,\"rootKeyId\":\"x\",\"seals\":[{}]}",
            "{\"version\":1,\"version\":1}",
            "{\"version\":1} x",
            "[".repeat(60_000),
            "x".repeat(70_000)
        }) {
            assertFails(Reason.MALFORMED, "the key store's seals are damaged", () -> Seals.parse(text.getBytes(UTF_8)));
        }
    }

    @Test
    void sealsAreBoundedInNumber() {
        try (RootKey root = RootKey.generate();
                RootKey stranger = RootKey.generate();
                SealSecret secret = SealSecret.newKeyFile(temporary.resolve("key"))) {
            Seals seals = Seals.create(root, secret, NOW, CHEAP);
            Seals one = seals;
            assertFails(Reason.REFUSED, "another key store", () -> one.add(stranger, secret, NOW, CHEAP));
            for (int i = 1; i < Seals.MAX_SEALS; i++) {
                seals = seals.add(root, secret, NOW, CHEAP);
            }
            Seals full = seals;
            assertOpens(full, secret, root);
            assertFails(Reason.REFUSED, "16 seals already", () -> full.add(root, secret, NOW, CHEAP));
        }
    }
}

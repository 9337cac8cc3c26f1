package dev.sallyport.volume.image;

import static dev.sallyport.volume.image.HeaderFields.config;
import static dev.sallyport.volume.image.HeaderFields.context;
import static dev.sallyport.volume.image.HeaderFields.first;
import static dev.sallyport.volume.image.HeaderFields.flip;
import static dev.sallyport.volume.image.HeaderFields.keyslot;
import static dev.sallyport.volume.image.HeaderFields.parse;
import static dev.sallyport.volume.image.HeaderFields.require;
import static dev.sallyport.volume.image.HeaderFields.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.kms.KmsException;
import dev.sallyport.volume.keys.KeyBundle;
import dev.sallyport.volume.keys.VolumeKeyException;
import dev.sallyport.volume.keys.VolumeKeys;
import dev.sallyport.volume.keys.WrappedVolumeKey;
import dev.sallyport.volume.luks.HeaderEdits;
import dev.sallyport.volume.luks.LuksException;
import dev.sallyport.volume.testing.TestKms;
import dev.sallyport.volume.testing.Volumes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Somebody who can write the image changes its header, with checksums that are right: every field is either covered by the
 * token, refused by its value, or one that {@code cryptsetup} may change.
 */
class HeaderTamperIT {
    private static final long SIZE = 1 << 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    private static TestKms kms;
    private static VolumeKeys keys;
    private static String keyArn;

    @TempDir
    private Path directory;

    private Path image;

    @BeforeAll
    static void start() throws IOException {
        kms = new TestKms();
        keys = Volumes.keys(kms);
        keyArn = kms.newKey();
    }

    @AfterAll
    static void stop() {
        keys.close();
        kms.close();
    }

    @BeforeEach
    void make() throws IOException {
        image = directory.resolve("disk.img");
        UUID uuid = UUID.randomUUID();
        try (WrappedVolumeKey made = keys.generate(keyArn, uuid, "disk", Map.of("team", "a"))) {
            NewImage.create(image, SIZE, uuid, "label", made.token(SIZE), made.keys(), null);
        }
    }

    private void unlock() throws IOException {
        try (VolumeImage opened = VolumeImage.open(image, VolumeImage.Use.WRITE);
                KeyBundle bundle = opened.unlock(keys)) {
            assertThat(bundle.volumeKey().length()).isEqualTo(64);
        }
    }

    private DynamicTest refused(
            String name, Class<? extends Exception> how, String message, Consumer<ObjectNode> change) {
        return DynamicTest.dynamicTest(name, () -> {
            make(name);
            HeaderEdits.json(image, change);
            byte[] before = Files.readAllBytes(image);
            assertThatThrownBy(this::unlock).isInstanceOf(how).hasMessageContaining(message);
            assertThat(Files.readAllBytes(image)).isEqualTo(before);
        });
    }

    private DynamicTest accepted(String name, Consumer<ObjectNode> change) {
        return DynamicTest.dynamicTest(name, () -> {
            make(name);
            HeaderEdits.json(image, change);
            assertThatCode(this::unlock).doesNotThrowAnyException();
        });
    }

    private void make(String name) throws IOException {
        Files.deleteIfExists(image);
        make();
        assertThat(name).isNotEmpty();
    }

    private static final String CHANGED = "the MAC of its sallyport-kms token is wrong";

    @TestFactory
    Stream<DynamicTest> whatTheTokenCovers() {
        return Stream.of(
                accepted("control: nothing changed", json -> {}),
                refused(
                        "sector size",
                        VolumeKeyException.class,
                        CHANGED,
                        json -> first(json, "segments").put("sector_size", 512)),
                refused(
                        "data offset",
                        VolumeKeyException.class,
                        CHANGED,
                        json -> first(json, "segments").put("offset", Long.toString((16 << 20) + 4096))),
                refused(
                        "segment size",
                        VolumeKeyException.class,
                        CHANGED,
                        json -> first(json, "segments").put("size", "524288")),
                refused(
                        "unknown segment field",
                        VolumeKeyException.class,
                        CHANGED,
                        json -> first(json, "segments").put("x", 1)),
                refused(
                        "volume smaller",
                        VolumeKeyException.class,
                        CHANGED,
                        json -> first(json, "tokens").put("size", "524288")),
                refused(
                        "volume larger",
                        VolumeKeyException.class,
                        CHANGED,
                        json -> first(json, "tokens").put("size", "2097152")),
                refused(
                        "unknown digest field",
                        VolumeKeyException.class,
                        CHANGED,
                        json -> first(json, "digests").put("x", 1)),
                refused("MAC", VolumeKeyException.class, CHANGED, json -> flip(first(json, "tokens"), "mac")),
                refused(
                        "digest",
                        VolumeKeyException.class,
                        "is not the volume key",
                        json -> flip(first(json, "digests"), "digest")),
                refused(
                        "digest's salt",
                        VolumeKeyException.class,
                        "is not the volume key",
                        json -> flip(first(json, "digests"), "salt")),
                refused(
                        "digest's iterations",
                        VolumeKeyException.class,
                        "is not the volume key",
                        json -> first(json, "digests").put("iterations", 2000)),
                refused(
                        "digest's hash",
                        VolumeKeyException.class,
                        "is not the volume key",
                        json -> first(json, "digests").put("hash", "sha512")),
                refused("wrapped key", KmsException.class, "", json -> flip(first(json, "tokens"), "wrapped_key")),
                refused("context", KmsException.class, "", json -> context(json).put("team", "b")),
                refused(
                        "context, one pair more",
                        KmsException.class,
                        "",
                        json -> context(json).put("x", "y")),
                refused(
                        "volume id",
                        VolumeKeyException.class,
                        "was made for another image",
                        json -> context(json)
                                .put("sallyport:volume-id", UUID.randomUUID().toString())),
                refused(
                        "key",
                        KmsException.class,
                        "another key wrapped this",
                        json -> first(json, "tokens").put("key_arn", keyArn + "0")));
    }

    @TestFactory
    Stream<DynamicTest> whatIsNotSupported() {
        Class<LuksException> no = LuksException.class;
        return Stream.of(
                refused("requirement", no, "requires 'sallyport-x'", json -> require(json, "['sallyport-x']")),
                refused(
                        "re-encryption",
                        no,
                        "cryptsetup reencrypt --resume-only",
                        json -> require(json, "['online-reencrypt-v2']")),
                refused("requirements, no array", no, "requirements are malformed", json -> require(json, "'x'")),
                refused(
                        "requirements, no object",
                        no,
                        "requirements are malformed",
                        json -> config(json)
                                .set("requirements", parse("{'a': []}").path("a"))),
                refused(
                        "cipher",
                        no,
                        "cipher 'serpent-xts-plain64'",
                        json -> first(json, "segments").put("encryption", "serpent-xts-plain64")),
                refused(
                        "mode",
                        no,
                        "cipher 'aes-xts-plain'",
                        json -> first(json, "segments").put("encryption", "aes-xts-plain")),
                refused(
                        "integrity",
                        no,
                        "dm-integrity",
                        json -> first(json, "segments")
                                .set("integrity", parse("{'type': 'hmac(sha256)', 'journal_encryption': 'none'}"))),
                refused(
                        "two segments",
                        no,
                        "2 segments",
                        json -> ((ObjectNode) json.path("segments"))
                                .set("1", first(json, "segments").deepCopy())),
                refused("no segment", no, "0 segments", json -> ((ObjectNode) json.path("segments")).removeAll()),
                refused(
                        "linear segment",
                        no,
                        "type crypt",
                        json -> first(json, "segments").put("type", "linear")),
                refused(
                        "segment flags",
                        no,
                        "flags",
                        json -> first(json, "segments").putArray("flags").add("backup-final")),
                refused(
                        "sectors of 8192",
                        no,
                        "sector size 8192",
                        json -> first(json, "segments").put("sector_size", 8192)),
                refused(
                        "sectors of 0",
                        no,
                        "sector size 0",
                        json -> first(json, "segments").put("sector_size", 0)),
                refused(
                        "sectors of text",
                        no,
                        "sector_size",
                        json -> first(json, "segments").put("sector_size", "4096")),
                refused(
                        "iv_tweak",
                        no,
                        "iv_tweak",
                        json -> first(json, "segments").put("iv_tweak", "8")),
                refused(
                        "detached header",
                        no,
                        "do not fit",
                        json -> first(json, "segments").put("offset", "0")),
                refused(
                        "negative offset",
                        no,
                        "offset",
                        json -> first(json, "segments").put("offset", "-4096")),
                refused(
                        "digest of another kind",
                        no,
                        "digest is of a kind",
                        json -> first(json, "digests").put("type", "argon2id")),
                refused("hash", no, "hash 'md5'", json -> first(json, "digests").put("hash", "md5")),
                refused(
                        "iterations without end",
                        no,
                        "digest is of a kind",
                        json -> first(json, "digests").put("iterations", Integer.MAX_VALUE)),
                refused(
                        "no digest",
                        no,
                        "no digest",
                        json -> first(json, "digests").putArray("segments")),
                refused(
                        "token version",
                        no,
                        "has version 2",
                        json -> first(json, "tokens").put("version", 2)),
                refused("no token", no, "adopt", json -> first(json, "tokens").put("type", "other")),
                refused("metadata size", no, "do not fit", json -> config(json).put("json_size", "16384")),
                refused(
                        "keyslots area beyond the data",
                        no,
                        "do not fit",
                        json -> config(json).put("keyslots_size", "33554432")),
                refused(
                        "keyslots area unaligned",
                        no,
                        "do not fit",
                        json -> config(json).put("keyslots_size", "258049")),
                refused("no config", no, "lacks config", json -> json.remove("config")),
                refused("no keyslots", no, "lacks keyslots", json -> json.remove("keyslots")),
                refused("keyslot over the header", no, "areas overlap", json -> keyslot(json, "0", 0)),
                refused("keyslot over the data", no, "areas overlap", json -> keyslot(json, "0", 16 << 20)),
                refused("keyslots one over the other", no, "areas overlap", json -> {
                    keyslot(json, "0", 32768);
                    keyslot(json, "1", 32768 + 4096);
                }));
    }

    @TestFactory
    Stream<DynamicTest> whatCryptsetupMayChange() {
        return Stream.of(
                accepted("labels and sequence id", json -> {}),
                accepted(
                        "optional flags, known and not",
                        json -> config(json)
                                .putArray("flags")
                                .add("allow-discards")
                                .add("no-such-flag")),
                accepted("an empty list of requirements", json -> require(json, "[]")),
                accepted("foreign tokens", json -> token(json, "9", "{'type': 'luks2-keyring', 'keyslots': []}")),
                accepted("tokens of unknown types", json -> token(json, "9", "{'type': 'x', 'keyslots': [], 'a': 1}")),
                accepted("keyslots of a digest", json -> {
                    keyslot(json, "3", 32768);
                    first(json, "digests").putArray("keyslots").add("3");
                }),
                accepted(
                        "keyslots of unknown types",
                        json -> ((ObjectNode) json.path("keyslots")).set("4", parse("{'type': 'x', 'key_size': 1}"))),
                accepted("unknown fields", json -> json.putObject("x").put("y", 1)));
    }

    @Test
    void coversTheUuidAndLeavesTheLabelFree() throws IOException {
        String uuid = uuid();
        HeaderEdits.names(image, uuid, "another label");
        assertThatCode(this::unlock).doesNotThrowAnyException();
        HeaderEdits.names(image, UUID.randomUUID().toString(), "label");
        assertThatThrownBy(this::unlock).hasMessageContaining("was made for another image");
        HeaderEdits.names(image, uuid, "label");
        assertThatCode(this::unlock).doesNotThrowAnyException();
    }

    private String uuid() throws IOException {
        try (VolumeImage opened = VolumeImage.open(image, VolumeImage.Use.LOOK)) {
            return opened.header().uuid();
        }
    }

    @Test
    void whatIsForeignIsNeverRewrittenAway() throws IOException {
        HeaderEdits.json(image, json -> {
            token(json, "7", "{'type': 'systemd-tpm2', 'keyslots': [], 'tpm2-blob': 'QUJD', 'n': [1, 2.5, null]}");
            ((ObjectNode) json.path("keyslots")).set("5", parse("{'type': 'x', 'key_size': 1, 'y': {'z': []}}"));
            json.putObject("extension").put("y", 1);
            config(json).putArray("flags").add("no-such-flag");
        });
        ObjectNode before = HeaderEdits.read(image);
        try (VolumeImage opened = VolumeImage.open(image, VolumeImage.Use.WRITE);
                KeyBundle bundle = opened.unlock(keys)) {
            opened.header().putToken(keys.rewrap(opened.token(), kms.newKey()), bundle.macKey());
            opened.resize(SIZE * 2, bundle);
            try (var passphrase = dev.sallyport.kms.crypto.SecretBytes.copyOf(new byte[] {1})) {
                assertThat(opened.header().addPassphrase(bundle.volumeKey(), passphrase))
                        .isZero();
            }
            opened.header().removeKeyslot(0);
        }
        ObjectNode after = HeaderEdits.read(image);
        for (JsonNode json : new JsonNode[] {before, after}) {
            assertThat(json.path("digests").path("0").path("keyslots")).isEqualTo(JSON.createArrayNode());
            ((ObjectNode) json.path("tokens")).remove("0");
        }
        assertThat(after).isEqualTo(before);
    }
}

package dev.sallyport.kms.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.kms.crypto.Digests;
import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.kms.seal.RootKey;
import dev.sallyport.kms.seal.SealSecret;
import dev.sallyport.kms.seal.Seals;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Opens what an independent implementation of the specifications made. */
class KeyStoreVectorsTest {
    private static final HexFormat HEX = HexFormat.of();

    @TempDir
    Path temporary;

    private final JsonNode vectors = vectors();

    private static InputStream resource(String name) {
        return Objects.requireNonNull(KeyStoreVectorsTest.class.getResourceAsStream("/vectors/" + name), name);
    }

    private static JsonNode vectors() {
        try (InputStream in = resource("key-store.json")) {
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private SealSecret keyFile() {
        return SealSecret.key(HEX.parseHex(vectors.path("keyFile").asText()));
    }

    private SealSecret passphrase() {
        return SealSecret.passphrase(vectors.path("passphrase").asText().getBytes(UTF_8));
    }

    private static String hex(SecretBytes secret) {
        return secret.use(HEX::formatHex);
    }

    @Test
    void bothSealsOpenTheRootKey() {
        Seals seals = Seals.parse(vectors.path("seals").toString().getBytes(UTF_8));
        try (SealSecret keyFile = keyFile();
                SealSecret passphrase = passphrase();
                RootKey one = seals.open(keyFile);
                RootKey other = seals.open(passphrase);
                SecretBytes domainKey = one.domainKey("us-east-1");
                SecretBytes otherDomainKey = other.domainKey("us-east-1")) {
            String expected = vectors.path("domainKey us-east-1").asText();
            assertThat(hex(domainKey)).isEqualTo(expected);
            assertThat(hex(otherDomainKey)).isEqualTo(expected);
        }
    }

    @Test
    void theBackupHasItsRowsAndItsDigest() throws IOException {
        try (InputStream in = resource("key-store.backup");
                SealSecret secret = keyFile();
                BackupReader reader = new BackupReader(in, secret);
                RowSealer sealer = new RowSealer(reader.root())) {
            StoreState counted = StoreState.empty();
            int[] count = new int[1];
            byte[] sealed = reader.readAll(row -> {
                JsonNode expected = vectors.path("rows").path(count[0]++);
                assertThat(row.kind()).isEqualTo(expected.path("kind").asText());
                assertThat(row.id()).isEqualTo(expected.path("id").asText());
                assertThat(row.index()).isEqualTo(expected.path("index").textValue());
                byte[] payload = sealer.open(row.kind(), row.id(), row.index(), row.sealed())
                        .payload();
                assertThat(HEX.formatHex(Digests.sha256(payload)))
                        .isEqualTo(expected.path("payloadSha256").asText());
                counted.added(row.element(sealer));
            });
            assertThat(count[0]).isEqualTo(vectors.path("rows").size());
            StoreState state = StoreState.open(sealer, sealed);
            assertThat(state.sameRows(counted)).isTrue();
            assertThat(state.digest(sealer))
                    .isEqualTo(new StoreDigest(
                            vectors.path("lineage").asText(),
                            vectors.path("epoch").asLong(),
                            vectors.path("digest").asText()));
        }
    }

    @Test
    void theBackupRestores() throws IOException {
        Path file = temporary.resolve("backup");
        try (InputStream in = resource("key-store.backup")) {
            Files.copy(in, file);
        }
        try (SealSecret secret = passphrase()) {
            assertThat(Backups.restore(file, temporary.resolve("ks"), secret)).isEqualTo(4);
            try (SqliteKeyStore store = SqliteKeyStore.open(temporary.resolve("ks"), secret, DigestWitness.NONE)) {
                assertThat(store.verify()).isEqualTo(4);
                assertThat(store.epoch()).isEqualTo(vectors.path("epoch").asLong() + 1);
            }
        }
    }
}

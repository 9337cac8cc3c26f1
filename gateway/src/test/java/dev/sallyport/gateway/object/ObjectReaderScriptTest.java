package dev.sallyport.gateway.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sallyport.gateway.checksum.ChecksumAlgorithm;
import dev.sallyport.gateway.format.ContentFacts;
import dev.sallyport.gateway.format.Id128;
import dev.sallyport.gateway.format.Manifest;
import dev.sallyport.gateway.format.ManifestEntry;
import dev.sallyport.gateway.format.MetadataCodec;
import dev.sallyport.gateway.format.MetadataMac;
import dev.sallyport.gateway.format.ObjectKeys;
import dev.sallyport.gateway.format.ObjectMetadata;
import dev.sallyport.gateway.format.PartHeader;
import dev.sallyport.gateway.format.Plan;
import dev.sallyport.gateway.format.SseAlgorithm;
import dev.sallyport.gateway.format.SseFacts;
import dev.sallyport.gateway.format.WrappedKey;
import dev.sallyport.kms.AuditReceipt;
import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.crypto.Hmac;
import dev.sallyport.kms.crypto.RandomBytes;
import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.kms.envelope.Sealer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The independent reader in examples/ opens what the gateway seals, and nothing else. */
class ObjectReaderScriptTest {
    private static final Path SCRIPT = Path.of("..", "examples", "reader", "read_object.py");
    private static final Map<String, String> HEADERS = Map.of("content-type", "text/plain", "x-amz-meta-a", "b");

    @TempDir
    Path directory;

    private final SecretBytes macKey = SecretBytes.random(32);
    private final SealingKey key = new SealingKey(
            new ObjectKeys(Plan.AES_256_GCM, Id128.random()),
            SecretBytes.random(32),
            WrappedKey.byKms(RandomBytes.of(150)),
            new SseFacts(SseAlgorithm.KMS, FakeKms.KEY_ARN, EncryptionContext.EMPTY, false),
            AuditReceipt.DONE);
    private final MetadataCodec codec = new MetadataCodec(new MetadataMac() {
        @Override
        public int currentKey() {
            return 1;
        }

        @Override
        public byte @Nullable [] mac(int number, byte[] message) {
            return Hmac.sha256(macKey, message);
        }
    });

    @BeforeAll
    static void needsPython() throws Exception {
        boolean there = Files.exists(SCRIPT);
        try {
            Process python = new ProcessBuilder("python3", "-c", "import cryptography").start();
            there &= python.waitFor(20, TimeUnit.SECONDS) && python.exitValue() == 0;
        } catch (IOException e) {
            there = false;
        }
        assumeTrue(there, "needs python3 with the package cryptography");
    }

    @Test
    void opensASingleObject() throws Exception {
        byte[] content = RandomBytes.of(150_000);
        Id128 nonce = Id128.random();
        byte[] stored = SingleObject.seal(content, nonce, key, ContentFacts.NONE);
        ObjectMetadata metadata = ObjectMetadata.single(
                key.keys(), content.length, nonce, key.commitment(), key.sse(), key.wrapped(), null, null);
        String value = codec.encode(metadata, "bucket", "a/key", HEADERS);
        assertThat(read(value, stored, "a/key")).isEqualTo(content);
        stored[100_000] ^= 1;
        assertThat(read(value, stored, "a/key")).isNull();
        stored[100_000] ^= 1;
        assertThat(read(value, stored, "another")).isNull();
    }

    @Test
    void opensAMultipartObject() throws Exception {
        byte[] content = RandomBytes.of((5 << 20) + 70_000);
        int[] ends = {5 << 20, content.length};
        ByteArrayOutputStream stored = new ByteArrayOutputStream();
        List<ManifestEntry> parts = new ArrayList<>();
        String checksum = Base64.getEncoder().encodeToString(new byte[4]);
        int from = 0;
        for (int number : new int[] {3, 10_000}) {
            int to = ends[parts.size()];
            Id128 nonce = Id128.random();
            stored.writeBytes(new PartHeader(number, nonce).encode());
            byte[] sealed = new byte[65_552];
            try (Sealer sealer = key.keys().sealer(key.dataKey(), number, nonce)) {
                for (int at = from; at < to; at += 65_536) {
                    int count = Math.min(65_536, to - at);
                    int written = sealer.seal(content, at, count, at + count == to, sealed, 0);
                    stored.write(sealed, 0, written);
                }
            }
            parts.add(new ManifestEntry(number, nonce, to - from, checksum));
            from = to;
        }
        Manifest manifest = new Manifest(parts, ChecksumAlgorithm.CRC32, ContentFacts.NONE);
        stored.writeBytes(manifest.sealTail(key.dataKey(), key.keys()));
        ObjectMetadata metadata =
                ObjectMetadata.multipart(key.keys(), key.commitment(), key.sse(), key.wrapped(), null);
        String value = codec.encode(metadata, "bucket", "k", HEADERS);
        assertThat(read(value, stored.toByteArray(), "k")).isEqualTo(content);
    }

    /** What the script writes; null when it refuses. */
    private byte @Nullable [] read(String metadata, byte[] stored, String objectKey) throws Exception {
        Path keyFile = hex("data-key", key.dataKey());
        Path macFile = hex("mac-key", macKey);
        Path storedFile = Files.write(directory.resolve("stored"), stored);
        Path plain = directory.resolve("plain");
        List<String> command = new ArrayList<>(List.of(
                "python3",
                SCRIPT.toString(),
                "--metadata",
                metadata,
                "--data-key-file",
                keyFile.toString(),
                "--stored",
                storedFile.toString(),
                "--mac-key-file",
                macFile.toString(),
                "--bucket",
                "bucket",
                "--key",
                objectKey));
        HEADERS.forEach((name, value) -> command.addAll(List.of("--header", name + "=" + value)));
        Process process = new ProcessBuilder(command)
                .redirectOutput(plain.toFile())
                .redirectError(directory.resolve("errors").toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process.exitValue() == 0 ? Files.readAllBytes(plain) : null;
    }

    private Path hex(String name, SecretBytes secret) throws IOException {
        byte[] bytes = secret.exposeCopy();
        return Files.writeString(directory.resolve(name), HexFormat.of().formatHex(bytes));
    }
}

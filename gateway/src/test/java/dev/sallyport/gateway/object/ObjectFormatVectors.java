package dev.sallyport.gateway.object;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.gateway.checksum.ChecksumAlgorithm;
import dev.sallyport.gateway.checksum.RunningChecksum;
import dev.sallyport.gateway.format.BucketKeyWrap;
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
import dev.sallyport.gateway.format.SealedFacts;
import dev.sallyport.gateway.format.SizeFormula;
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
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes the vectors of the object format anew, for a new version of it: {@code main} prints them. */
final class ObjectFormatVectors {
    static final String BUCKET = "vectors";
    static final int MAC_KEY_NUMBER = 1;
    static final Map<String, String> HEADERS = Map.of("content-type", "text/plain", "x-amz-meta-colour", "red");

    private static final JsonMapper JSON = new JsonMapper();

    private final SecretBytes macKey = SecretBytes.random(32);
    private final MetadataCodec codec = new MetadataCodec(mac(macKey));
    private final ArrayNode vectors = JSON.createArrayNode();

    private ObjectFormatVectors() {}

    public static void main(String[] args) throws IOException {
        ObjectFormatVectors made = new ObjectFormatVectors();
        made.empty();
        made.single("single", 20, false);
        made.single("single-bucket-key-two-segments", 65_537, true);
        made.multipart();
        System.out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(made.vectors));
    }

    static MetadataMac mac(SecretBytes key) {
        return new MetadataMac() {
            @Override
            public int currentKey() {
                return MAC_KEY_NUMBER;
            }

            @Override
            public byte @Nullable [] mac(int number, byte[] message) {
                return number == MAC_KEY_NUMBER ? Hmac.sha256(key, message) : null;
            }
        };
    }

    /** Byte i is (7·i + 3) mod 251. */
    static byte[] plaintext(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) ((7 * i + 3) % 251);
        }
        return bytes;
    }

    private void empty() {
        SealingKey key = key("empty", false);
        byte[] facts = SealedFacts.seal(key.dataKey(), key.keys(), facts(new byte[0]));
        add(
                "empty",
                key,
                0,
                new byte[0],
                ObjectMetadata.empty(key.keys(), key.commitment(), key.sse(), key.wrapped(), facts, null));
    }

    private void single(String name, int length, boolean bucketKey) {
        SealingKey key = key(name, bucketKey);
        Id128 nonce = Id128.random();
        ContentFacts facts = facts(plaintext(length));
        byte[] stored = SingleObject.seal(plaintext(length), nonce, key, facts);
        byte[] sealedFacts = bucketKey ? null : SealedFacts.seal(key.dataKey(), key.keys(), facts);
        add(
                name,
                key,
                length,
                stored,
                ObjectMetadata.single(
                        key.keys(),
                        length,
                        nonce,
                        key.commitment(),
                        key.sse(),
                        key.wrapped(),
                        sealedFacts,
                        "Thu, 01 Jan 1970 00:00:00 GMT"));
    }

    private void multipart() {
        int length = 100;
        SealingKey key = key("multipart", false);
        Id128 nonce = Id128.random();
        ByteArrayOutputStream stored = new ByteArrayOutputStream();
        stored.writeBytes(new PartHeader(3, nonce).encode());
        byte[] sealed = new byte[length + SizeFormula.TAG];
        try (Sealer sealer = key.keys().sealer(key.dataKey(), 3, nonce)) {
            sealer.seal(plaintext(length), 0, length, true, sealed, 0);
        }
        stored.writeBytes(sealed);
        ContentFacts facts = facts(plaintext(length));
        ManifestEntry part =
                new ManifestEntry(3, nonce, length, facts.checksums().getFirst().value());
        Manifest manifest = new Manifest(List.of(part), ChecksumAlgorithm.CRC64NVME, facts);
        stored.writeBytes(manifest.sealTail(key.dataKey(), key.keys()));
        add(
                "multipart",
                key,
                length,
                stored.toByteArray(),
                ObjectMetadata.multipart(key.keys(), key.commitment(), key.sse(), key.wrapped(), null));
    }

    private static SealingKey key(String name, boolean bucketKey) {
        ObjectKeys keys = new ObjectKeys(Plan.AES_256_GCM, Id128.random());
        SecretBytes dataKey = SecretBytes.random(32);
        EncryptionContext context = bucketKey ? EncryptionContext.of("department", "wörter") : EncryptionContext.EMPTY;
        WrappedKey wrapped = bucketKey
                ? WrappedKey.byBucketKey(
                        RandomBytes.of(150),
                        BucketKeyWrap.wrap(
                                SecretBytes.random(32), keys, "arn:aws:s3:::" + BUCKET + '/' + name, dataKey))
                : WrappedKey.byKms(RandomBytes.of(150));
        SseFacts sse = new SseFacts(SseAlgorithm.KMS, FakeKms.KEY_ARN, context, bucketKey);
        return new SealingKey(keys, dataKey, wrapped, sse, AuditReceipt.DONE);
    }

    static ContentFacts facts(byte[] plaintext) {
        RunningChecksum checksum = RunningChecksum.of(ChecksumAlgorithm.CRC64NVME);
        checksum.update(plaintext, 0, plaintext.length);
        return new ContentFacts(
                List.of(new ContentFacts.Checksum(ChecksumAlgorithm.CRC64NVME, false, checksum.finishBase64())), null);
    }

    private void add(String name, SealingKey key, int length, byte[] stored, ObjectMetadata metadata) {
        ObjectNode vector = vectors.addObject();
        vector.put("name", name).put("bucket", BUCKET).put("key", name);
        ObjectNode headers = vector.putObject("headers");
        HEADERS.forEach(headers::put);
        vector.put("macKey", HexFormat.of().formatHex(macKey.exposeCopy()));
        vector.put("macKeyNumber", MAC_KEY_NUMBER);
        vector.put("dataKey", HexFormat.of().formatHex(key.dataKey().exposeCopy()));
        vector.put("metadata", codec.encode(metadata, BUCKET, name, HEADERS));
        vector.put("stored", Base64.getEncoder().encodeToString(stored));
        vector.put("plaintextLength", length);
    }
}

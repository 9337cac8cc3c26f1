package dev.sallyport.gateway.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.gateway.checksum.ChecksumAlgorithm;
import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.crypto.Hmac;
import dev.sallyport.kms.crypto.RandomBytes;
import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.kms.envelope.CommittedKey;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MetadataCodecTest {
    private static final Map<String, String> HEADERS = Map.of("content-type", "text/plain", "x-amz-meta-colour", "red");

    private final SecretBytes macKey = SecretBytes.random(32);
    private final SecretBytes dataKey = SecretBytes.random(32);
    private final SecretBytes bucketKey = SecretBytes.random(32);
    private final ObjectKeys keys = new ObjectKeys(Plan.AES_256_GCM, Id128.random());
    private final MetadataCodec codec = new MetadataCodec(mac(macKey));

    private static MetadataMac mac(SecretBytes key) {
        return new MetadataMac() {
            @Override
            public int currentKey() {
                return 7;
            }

            @Override
            public byte @Nullable [] mac(int number, byte[] message) {
                return number == 7 ? Hmac.sha256(key, message) : null;
            }
        };
    }

    /** Everything at its longest: what is left of 2,048 bytes is at least 1,024. */
    private ObjectMetadata largest() {
        String value = "v".repeat(SseFacts.MAX_CONTEXT - 4 - 20);
        EncryptionContext context = EncryptionContext.of("k".repeat(20), value);
        assertThat(SseFacts.contextLength(context)).isEqualTo(SseFacts.MAX_CONTEXT);
        String arn = "arn:aws-us-gov:kms:us-gov-west-1:000000000000:key/mrk-1234abcd12ab34cd56ef1234567890ab";
        WrappedKey wrapped = WrappedKey.byBucketKey(
                RandomBytes.of(184), BucketKeyWrap.wrap(bucketKey, keys, "arn:aws:s3:::b/k", dataKey));
        ContentFacts facts = new ContentFacts(
                List.of(new ContentFacts.Checksum(
                        ChecksumAlgorithm.SHA256, false, Base64.getEncoder().encodeToString(new byte[32]))),
                "0123456789abcdef0123456789abcdef");
        return ObjectMetadata.single(
                keys,
                262_144,
                Id128.random(),
                CommittedKey.commitment(dataKey),
                new SseFacts(SseAlgorithm.KMS, arn, context, true),
                wrapped,
                SealedFacts.seal(dataKey, keys, facts),
                null);
    }

    @Test
    void leavesClientsHalfOfTheBudgetWithTheLargestWraps() {
        String value = codec.encode(largest(), "b", "k", HEADERS);
        int own = value.length() + ObjectMetadata.HEADER.length() - ClearHeaders.USER_PREFIX.length();
        assertThat(2_048 - own).isGreaterThanOrEqualTo(1_024);
    }

    @Test
    void comesBackAsItWas() {
        ObjectMetadata metadata = largest();
        ObjectMetadata read = codec.decode(codec.encode(metadata, "b", "k", HEADERS), "b", "k", HEADERS);
        assertThat(read.keys()).isEqualTo(keys);
        assertThat(read.layout()).isEqualTo(Layout.SINGLE);
        assertThat(read.length()).isEqualTo(262_144);
        assertThat(read.nonce()).isEqualTo(metadata.nonce());
        assertThat(read.sse()).isEqualTo(metadata.sse());
        assertThat(read.commitment()).isEqualTo(metadata.commitment());
        assertThat(read.key().kmsBlob()).isEqualTo(metadata.key().kmsBlob());
        byte[] wrap = read.key().underBucketKey();
        assertThat(wrap).isNotNull();
        read.verifyKey(dataKey);
        assertThatThrownBy(() -> read.verifyKey(bucketKey)).isInstanceOf(ForgedObjectException.class);
        byte[] facts = read.sealedFacts();
        assertThat(facts).isNotNull();
        ContentFacts opened = SealedFacts.open(dataKey, keys, facts == null ? new byte[0] : facts);
        assertThat(opened.md5()).isEqualTo("0123456789abcdef0123456789abcdef");
        ObjectMetadata multipart = ObjectMetadata.multipart(
                keys, metadata.commitment(), metadata.sse(), metadata.key(), "Thu, 01 Jan 1970 00:00:00 GMT");
        ObjectMetadata again = codec.decode(codec.encode(multipart, "b", "k", Map.of()), "b", "k", Map.of());
        assertThat(again.layout()).isEqualTo(Layout.MULTIPART);
        assertThat(again.expires()).isEqualTo("Thu, 01 Jan 1970 00:00:00 GMT");
        assertThat(again.length()).isEqualTo(-1);
    }

    @Test
    void refusesEveryChange() {
        String value = codec.encode(largest(), "b", "k", HEADERS);
        byte[] bytes = Base64.getUrlDecoder().decode(value);
        assertThat(codec.decode(value, "b", "k", HEADERS).length())
                .as("control")
                .isEqualTo(262_144);
        for (int i = 0; i < bytes.length; i++) {
            byte[] changed = bytes.clone();
            changed[i] ^= (byte) (1 << (i % 8));
            refused(encode(changed), "b", "k", HEADERS);
            if (i % 16 == 0) {
                refused(encode(java.util.Arrays.copyOf(bytes, i)), "b", "k", HEADERS);
            }
        }
        refused(encode(java.util.Arrays.copyOf(bytes, bytes.length + 1)), "b", "k", HEADERS);
        refused(value + "=", "b", "k", HEADERS);
        refused(value.toLowerCase(java.util.Locale.ROOT), "b", "k", HEADERS);
        refused(null, "b", "k", HEADERS);
        refused("", "b", "k", HEADERS);
        refused(value, "c", "k", HEADERS);
        refused(value, "b", "kk", HEADERS);
        refused(value, "bk", "", HEADERS);
        refused(value, "b", "k", Map.of("content-type", "text/plain"));
        refused(value, "b", "k", Map.of("content-type", "text/plain", "x-amz-meta-colour", "blue"));
        refused(
                value,
                "b",
                "k",
                Map.of("content-type", "text/plain", "x-amz-meta-colour", "red", "x-amz-meta-more", "1"));
        assertThatThrownBy(() -> new MetadataCodec(mac(dataKey)).decode(value, "b", "k", HEADERS))
                .isInstanceOf(ForgedObjectException.class);
    }

    @Test
    void bindsAWrapToItsObject() {
        byte[] wrap = BucketKeyWrap.wrap(bucketKey, keys, "arn:aws:s3:::b/k", dataKey);
        try (SecretBytes opened = BucketKeyWrap.unwrap(bucketKey, keys, "arn:aws:s3:::b/k", wrap)) {
            assertThat(opened.exposeCopy()).isEqualTo(dataKey.exposeCopy());
        }
        assertThatThrownBy(() -> BucketKeyWrap.unwrap(bucketKey, keys, "arn:aws:s3:::b/j", wrap))
                .isInstanceOf(ForgedObjectException.class);
        ObjectKeys other = new ObjectKeys(Plan.AES_256_GCM, Id128.random());
        assertThatThrownBy(() -> BucketKeyWrap.unwrap(bucketKey, other, "arn:aws:s3:::b/k", wrap))
                .isInstanceOf(ForgedObjectException.class);
    }

    private void refused(@Nullable String value, String bucket, String key, Map<String, String> headers) {
        assertThatThrownBy(() -> codec.decode(value, bucket, key, headers)).isInstanceOf(ForgedObjectException.class);
    }

    private static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}

package dev.sallyport.gateway.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sallyport.kms.crypto.SecretBytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;

/**
 * Arbitrary bytes where the store gives an object's: they decode to something that encodes again, or are refused. Without
 * JAZZER_FUZZ=1 in the environment the committed inputs are replayed only.
 */
class FormatFuzzTest {
    private static final Map<String, String> HEADERS = Map.of("content-type", "text/plain");
    private static final byte[] TAG = new byte[MetadataMac.LENGTH];
    private static final SecretBytes KEY = SecretBytes.copyOf(new byte[32]);
    private static final ObjectKeys KEYS = new ObjectKeys(Plan.AES_256_GCM, new Id128(1, 2));

    /** With a MAC that anybody can make, so that what lies behind its verification is reached. */
    private static final MetadataCodec CODEC = new MetadataCodec(new MetadataMac() {
        @Override
        public int currentKey() {
            return 1;
        }

        @Override
        public byte[] mac(int key, byte[] message) {
            return TAG.clone();
        }
    });

    @FuzzTest(maxDuration = "2m")
    void metadata(byte[] body) {
        byte[] value = ByteBuffer.allocate(body.length + 4 + TAG.length)
                .put(body)
                .putInt(1)
                .put(TAG)
                .array();
        decode(Base64.getUrlEncoder().withoutPadding().encodeToString(value));
        decode(new String(body, StandardCharsets.ISO_8859_1));
    }

    private static void decode(String value) {
        ObjectMetadata metadata;
        try {
            metadata = CODEC.decode(value, "bucket", "key", HEADERS);
        } catch (ForgedObjectException e) {
            return;
        }
        String again = CODEC.encode(metadata, "bucket", "key", HEADERS);
        ObjectMetadata same = CODEC.decode(again, "bucket", "key", HEADERS);
        assertThat(same.keys()).isEqualTo(metadata.keys());
        assertThat(same.layout()).isEqualTo(metadata.layout());
        assertThat(same.length()).isEqualTo(metadata.length());
        assertThat(same.nonce()).isEqualTo(metadata.nonce());
        assertThat(same.sse()).isEqualTo(metadata.sse());
        assertThat(same.expires()).isEqualTo(metadata.expires());
        assertThat(same.commitment()).isEqualTo(metadata.commitment());
        assertThat(same.key().kmsBlob()).isEqualTo(metadata.key().kmsBlob());
        assertThat(CODEC.encode(same, "bucket", "key", HEADERS)).isEqualTo(again);
    }

    @FuzzTest(maxDuration = "2m")
    void manifest(byte[] message) {
        Manifest manifest;
        try {
            manifest = Manifest.decode(ByteBuffer.wrap(message));
        } catch (ForgedObjectException e) {
            return;
        }
        assertThat(Manifest.decode(ByteBuffer.wrap(manifest.encode()))).isEqualTo(manifest);
        assertThat(manifest.length()).isNotNegative();
        assertThat(manifest.partsLength()).isGreaterThan(manifest.length());
    }

    @FuzzTest(maxDuration = "2m")
    void tail(byte[] tail) {
        try {
            Footer footer = Footer.decode(tail);
            assertThat(footer.encode()).isEqualTo(Arrays.copyOfRange(tail, tail.length - Footer.LENGTH, tail.length));
        } catch (ForgedObjectException e) {
            assertThat(e).hasMessageNotContaining("Exception");
        }
        assertThatThrownBy(() -> Tail.openFacts(KEY, KEYS, tail)).isInstanceOf(ForgedObjectException.class);
        assertThatThrownBy(() -> Manifest.openTail(KEY, KEYS, tail, tail.length))
                .isInstanceOf(ForgedObjectException.class);
        assertThatThrownBy(() -> SealedFacts.open(KEY, KEYS, tail)).isInstanceOf(ForgedObjectException.class);
        try {
            ContentFacts facts = ContentFacts.decode(ByteBuffer.wrap(tail));
            assertThat(ContentFacts.decode(ByteBuffer.wrap(facts.encode()))).isEqualTo(facts);
        } catch (ForgedObjectException e) {
            assertThat(e).hasMessageNotContaining("Exception");
        }
    }
}

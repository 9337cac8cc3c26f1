package dev.sallyport.kms.ciphertext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.crypto.AesGcm;
import dev.sallyport.kms.crypto.AuthenticationFailedException;
import dev.sallyport.kms.crypto.ProviderTest;
import dev.sallyport.kms.crypto.RandomBytes;
import dev.sallyport.kms.crypto.SecretBytes;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CiphertextBlobTest {
    private static final String UUID = "1234abcd-12ab-34cd-56ef-1234567890ab";
    private static final String MRK = "mrk-1234abcd12ab34cd56ef1234567890ab";
    private static final String MATERIAL_ID = "0123456789abcdef".repeat(4);
    private static final EncryptionContext CONTEXT = EncryptionContext.of("purpose", "test");
    private static final byte[] PLAINTEXT = "attack at dawn".getBytes(StandardCharsets.UTF_8);

    private final SecretBytes material = SecretBytes.random(32);

    @AfterEach
    void close() {
        material.close();
    }

    @ProviderTest
    void opensWhatItSealed() {
        for (String keyId : new String[] {UUID, MRK}) {
            for (int length : new int[] {0, 1, 32, 4_095, 4_096}) {
                byte[] plaintext = RandomBytes.of(length);
                byte[] blob = CiphertextBlob.seal(material, keyId, MATERIAL_ID, CONTEXT, plaintext);
                assertThat(blob.length).isEqualTo(7 + 36 + 32 + 16 + 12 + 32 + length + 16);
                assertThat(CiphertextBlob.parse(blob).keyId()).isEqualTo(keyId);
                assertThat(CiphertextBlob.parse(blob).materialId()).isEqualTo(MATERIAL_ID);
                assertThat(open(blob, CONTEXT)).isEqualTo(plaintext);
            }
        }
    }

    @Test
    void sealingTwiceGivesTwoBlobs() {
        byte[] first = seal(CONTEXT);
        byte[] second = seal(CONTEXT);
        int header = CiphertextBlob.parse(first).length();
        assertThat(Arrays.copyOfRange(first, header, first.length))
                .isNotEqualTo(Arrays.copyOfRange(second, header, second.length));
    }

    @Test
    void contextsDoNotRunTogether() {
        byte[] blob = seal(EncryptionContext.of("ab", "c"));
        assertFails(blob, EncryptionContext.of("a", "bc"));
        assertFails(blob, EncryptionContext.of("abc", ""));
        assertFails(blob, EncryptionContext.EMPTY);
        assertFails(blob, EncryptionContext.of("ab", "C"));
        assertFails(blob, EncryptionContext.of("ab", "c").with("x", ""));
        assertThat(open(blob, EncryptionContext.of("ab", "c"))).isEqualTo(PLAINTEXT);
    }

    @Test
    void orderOfPairsDoesNotMatter() {
        byte[] blob = seal(EncryptionContext.of("a", "1").with("é", "2").with("b", "3"));
        Map<String, String> other = new HashMap<>();
        other.put("b", "3");
        other.put("é", "2");
        other.put("a", "1");
        assertThat(open(blob, new EncryptionContext(other))).isEqualTo(PLAINTEXT);
    }

    @ProviderTest
    void everyFlippedBitFailsAlike() {
        byte[] blob = seal(CONTEXT);
        for (int bit = 0; bit < 8 * blob.length; bit++) {
            byte[] altered = blob.clone();
            altered[bit / 8] ^= (byte) (1 << (bit % 8));
            assertFails(altered, CONTEXT);
        }
        assertThat(open(blob, CONTEXT)).isEqualTo(PLAINTEXT);
    }

    @Test
    void everyTruncationAndExtensionFailsAlike() {
        byte[] blob = seal(CONTEXT);
        for (int length = 0; length < blob.length; length++) {
            assertFails(Arrays.copyOf(blob, length), CONTEXT);
            assertFails(Arrays.copyOfRange(blob, blob.length - length, blob.length), CONTEXT);
        }
        for (int length = blob.length + 1; length <= 6_200; length += 97) {
            assertFails(Arrays.copyOf(blob, length), CONTEXT);
        }
    }

    @Test
    void anotherMaterialDoesNotOpen() {
        byte[] blob = seal(CONTEXT);
        try (SecretBytes other = SecretBytes.random(32)) {
            assertThatThrownBy(() -> CiphertextBlob.open(other, blob, CONTEXT))
                    .isInstanceOf(AuthenticationFailedException.class);
        }
    }

    @ProviderTest
    void aWrongCommitmentFailsThoughTheTagIsRight() {
        // Sealed by hand under the right message key, over a header whose commitment is off by one bit.
        byte[] canonical = CONTEXT.canonicalBytes();
        Header header = Header.create(UUID, MATERIAL_ID, RandomBytes.of(16), RandomBytes.of(12));
        try (SecretBytes derived = CiphertextBlob.derive(material, header, canonical);
                SecretBytes key = derived.slice(0, 32);
                SecretBytes commitment = derived.slice(32, 32)) {
            header.setCommitment(commitment.exposeCopy());
            assertThat(open(sealed(header, key, canonical), CONTEXT)).isEqualTo(PLAINTEXT);
            byte[] wrong = commitment.exposeCopy();
            wrong[31] ^= 1;
            header.setCommitment(wrong);
            assertFails(sealed(header, key, canonical), CONTEXT);
        }
    }

    @Test
    void partsOfTwoBlobsDoNotMix() {
        byte[] first = seal(CONTEXT);
        byte[] second = seal(CONTEXT);
        int header = CiphertextBlob.parse(first).length();
        for (int[] part : new int[][] {{43, 75}, {75, 91}, {91, 103}, {103, 135}, {header, first.length}}) {
            byte[] spliced = first.clone();
            System.arraycopy(second, part[0], spliced, part[0], part[1] - part[0]);
            // Both blobs have the same material id, so that part changes nothing.
            if (part[0] == 43) {
                assertThat(open(spliced, CONTEXT)).isEqualTo(PLAINTEXT);
            } else {
                assertFails(spliced, CONTEXT);
            }
        }
    }

    @Test
    void reservedSuitesAndVersionsAreRefused() {
        for (int position : new int[] {4, 5}) {
            for (int value = 0; value < 256; value++) {
                byte[] blob = seal(CONTEXT);
                blob[position] = (byte) value;
                if (value == 1) {
                    assertThat(open(blob, CONTEXT)).isEqualTo(PLAINTEXT);
                } else {
                    assertThatThrownBy(() -> CiphertextBlob.parse(blob))
                            .isInstanceOf(AuthenticationFailedException.class);
                }
            }
        }
    }

    @Test
    void sealRefusesWhatNoBlobHolds() {
        assertThatThrownBy(() -> CiphertextBlob.seal(material, UUID, MATERIAL_ID, CONTEXT, new byte[4_097]))
                .isInstanceOf(IllegalArgumentException.class);
        for (String keyId : new String[] {"", "a".repeat(65), "a/b", "arn:aws", "schlüssel"}) {
            assertThatThrownBy(() -> CiphertextBlob.seal(material, keyId, MATERIAL_ID, CONTEXT, PLAINTEXT))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        for (String id : new String[] {"", "00", MATERIAL_ID.toUpperCase(java.util.Locale.ROOT), "zz".repeat(32)}) {
            assertThatThrownBy(() -> CiphertextBlob.seal(material, UUID, id, CONTEXT, PLAINTEXT))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> CiphertextBlob.seal(SecretBytes.random(16), UUID, MATERIAL_ID, CONTEXT, PLAINTEXT))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theBlobHoldsNoPlaintext() {
        String blob = HexFormat.of().formatHex(seal(CONTEXT));
        assertThat(blob).doesNotContain(HexFormat.of().formatHex(PLAINTEXT));
    }

    private static byte[] sealed(Header header, SecretBytes key, byte[] canonicalContext) {
        byte[] aad = Arrays.copyOf(header.bytes(), header.length() + canonicalContext.length);
        System.arraycopy(canonicalContext, 0, aad, header.length(), canonicalContext.length);
        byte[] ciphertext = AesGcm.seal(key, header.iv(), aad, PLAINTEXT);
        byte[] blob = Arrays.copyOf(header.bytes(), header.length() + ciphertext.length);
        System.arraycopy(ciphertext, 0, blob, header.length(), ciphertext.length);
        return blob;
    }

    private byte[] seal(EncryptionContext context) {
        return CiphertextBlob.seal(material, UUID, MATERIAL_ID, context, PLAINTEXT);
    }

    private byte[] open(byte[] blob, EncryptionContext context) {
        try (SecretBytes plaintext = CiphertextBlob.open(material, blob, context)) {
            return plaintext.exposeCopy();
        }
    }

    private void assertFails(byte[] blob, EncryptionContext context) {
        Throwable failure = catchThrowable(() -> CiphertextBlob.open(material, blob, context));
        assertThat(failure)
                .isExactlyInstanceOf(AuthenticationFailedException.class)
                .hasMessage("")
                .hasNoCause();
        assertThat(failure.getStackTrace()).isEmpty();
        assertThat(failure.getSuppressed()).isEmpty();
    }
}

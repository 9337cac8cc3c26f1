package dev.sallyport.kms.envelope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.kms.crypto.AuthenticationFailedException;
import dev.sallyport.kms.crypto.ProviderTest;
import dev.sallyport.kms.crypto.SecretBytes;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SegmentStreamTest {
    private static final int SEGMENT = SegmentLayout.SEGMENT_BYTES;
    private static final int SEALED = SegmentLayout.SEALED_SEGMENT_BYTES;
    private static final byte[] INFO = "one stream".getBytes(StandardCharsets.UTF_8);

    private final SecretBytes dataKey = SecretBytes.random(32);

    @AfterEach
    void close() {
        dataKey.close();
    }

    @ProviderTest
    void opensWhatItSealedAtEverySize() {
        for (int size : new int[] {
            0, 1, 15, 16, 17, SEGMENT - 1, SEGMENT, SEGMENT + 1, 2 * SEGMENT - 16, 2 * SEGMENT, 3 * SEGMENT + 5
        }) {
            byte[] plaintext = plaintext(size);
            byte[] sealed = seal(dataKey, INFO, plaintext);
            assertThat((long) sealed.length).isEqualTo(SegmentLayout.sealedLength(size));
            assertThat(open(dataKey, INFO, sealed, SegmentLayout.whole(size), size))
                    .isEqualTo(plaintext);
        }
    }

    @ProviderTest
    void randomRangesOpenByThemselves() {
        Random random = new Random(7);
        int size = 3 * SEGMENT + 1_000;
        byte[] plaintext = plaintext(size);
        byte[] sealed = seal(dataKey, INFO, plaintext);
        for (int round = 0; round < 60; round++) {
            int first = random.nextInt(size);
            int last = first + random.nextInt(size - first);
            SegmentRange range = SegmentLayout.range(size, first, last);
            byte[] slice = Arrays.copyOfRange(sealed, (int) range.sealedFirst(), (int) range.sealedLast() + 1);
            assertThat(open(dataKey, INFO, slice, range, size))
                    .isEqualTo(Arrays.copyOfRange(plaintext, first, last + 1));
        }
    }

    @ProviderTest
    void worksInPlace() {
        byte[] buffer = Arrays.copyOf(plaintext(SEGMENT), SEALED);
        try (Sealer sealer = new Sealer(dataKey, INFO);
                Opener opener = new Opener(dataKey, INFO)) {
            assertThat(sealer.seal(buffer, 0, SEGMENT, false, buffer, 0)).isEqualTo(SEALED);
            assertThat(opener.open(buffer, 0, SEALED, 0, false, buffer, 0)).isEqualTo(SEGMENT);
        }
        assertThat(Arrays.copyOf(buffer, SEGMENT)).isEqualTo(plaintext(SEGMENT));
    }

    @ProviderTest
    void everyFlippedByteOfASegmentFailsAndLeavesNoPlaintext() {
        byte[] sealed = seal(dataKey, INFO, plaintext(100));
        byte[] dst = new byte[120];
        try (Opener opener = new Opener(dataKey, INFO)) {
            for (int i = 0; i < sealed.length; i++) {
                byte[] altered = sealed.clone();
                altered[i] ^= 0x40;
                Arrays.fill(dst, (byte) 0x55);
                assertThatThrownBy(() -> opener.open(altered, 0, altered.length, 0, true, dst, 10))
                        .isInstanceOf(AuthenticationFailedException.class);
                for (int j = 0; j < dst.length; j++) {
                    assertThat(dst[j]).isEqualTo(j >= 10 && j < 110 ? (byte) 0 : (byte) 0x55);
                }
            }
            assertThat(opener.open(sealed, 0, sealed.length, 0, true, dst, 10)).isEqualTo(100);
        }
    }

    @ProviderTest
    void anotherIndexFlagInfoKeyOrAadFails() {
        byte[] plaintext = plaintext(2 * SEGMENT);
        byte[] sealed = seal(dataKey, INFO, plaintext);
        byte[] dst = new byte[SEALED];
        try (Opener opener = new Opener(dataKey, INFO);
                Opener other = new Opener(dataKey, "two".getBytes(StandardCharsets.UTF_8));
                SecretBytes otherKey = SecretBytes.random(32);
                Opener otherKeyed = new Opener(otherKey, INFO)) {
            assertThat(opener.open(sealed, 0, SEALED, 0, false, dst, 0)).isEqualTo(SEGMENT);
            assertThat(opener.open(sealed, SEALED, SEALED, 1, true, dst, 0)).isEqualTo(SEGMENT);
            fails(() -> opener.open(sealed, 0, SEALED, 1, false, dst, 0));
            fails(() -> opener.open(sealed, 0, SEALED, 0, true, dst, 0));
            fails(() -> opener.open(sealed, SEALED, SEALED, 1, false, dst, 0));
            fails(() -> opener.open(sealed, SEALED, SEALED, 0, true, dst, 0));
            fails(() -> opener.open(sealed, 0, SEALED - 1, 0, false, dst, 0));
            fails(() -> opener.open(sealed, 1, SEALED, 0, false, dst, 0));
            fails(() -> opener.open(sealed, 0, 15, 0, true, dst, 0));
            fails(() -> opener.open(sealed, 0, SEALED, 0, false, new byte[] {1}, dst, 0));
            fails(() -> other.open(sealed, 0, SEALED, 0, false, dst, 0));
            fails(() -> otherKeyed.open(sealed, 0, SEALED, 0, false, dst, 0));
        }
    }

    @Test
    void aSegmentWithAadNeedsIt() {
        byte[] aad = {1, 2, 3};
        byte[] sealed = new byte[26];
        byte[] dst = new byte[10];
        try (Sealer sealer = new Sealer(dataKey, INFO);
                Opener opener = new Opener(dataKey, INFO)) {
            sealer.seal(plaintext(10), 0, 10, true, aad, sealed, 0);
            fails(() -> opener.open(sealed, 0, 26, 0, true, dst, 0));
            assertThat(opener.open(sealed, 0, 26, 0, true, aad, dst, 0)).isEqualTo(10);
        }
        assertThat(dst).isEqualTo(plaintext(10));
    }

    @Test
    void onlyTheLastSegmentIsShort() {
        byte[] dst = new byte[SEALED];
        try (Sealer sealer = new Sealer(dataKey, INFO)) {
            assertThatThrownBy(() -> sealer.seal(plaintext(10), 0, 10, false, dst, 0))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> sealer.seal(plaintext(SEGMENT + 1), 0, SEGMENT + 1, true, dst, 0))
                    .isInstanceOf(IllegalArgumentException.class);
            sealer.seal(plaintext(SEGMENT), 0, SEGMENT, false, dst, 0);
            assertThatThrownBy(() -> sealer.seal(dst, 0, 0, true, dst, 0)).isInstanceOf(IllegalArgumentException.class);
            sealer.seal(plaintext(SEGMENT), 0, SEGMENT, true, dst, 0);
            assertThatThrownBy(() -> sealer.seal(plaintext(10), 0, 10, true, dst, 0))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void theCounterDoesNotWrap() {
        byte[] dst = new byte[SEALED];
        byte[] plaintext = plaintext(SEGMENT);
        try (Sealer sealer = new Sealer(dataKey, INFO, SegmentLayout.MAX_SEGMENTS - 1);
                Opener opener = new Opener(dataKey, INFO)) {
            sealer.seal(plaintext, 0, SEGMENT, false, dst, 0);
            assertThat(opener.open(dst, 0, SEALED, SegmentLayout.MAX_SEGMENTS - 1, false, dst, 0))
                    .isEqualTo(SEGMENT);
            assertThatThrownBy(() -> sealer.seal(plaintext, 0, SEGMENT, false, dst, 0))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aClosedOneDoesNothing() {
        byte[] dst = new byte[SEALED];
        Sealer sealer = new Sealer(dataKey, INFO);
        Opener opener = new Opener(dataKey, INFO);
        sealer.seal(dst, 0, 1, true, dst, 0);
        sealer.close();
        opener.close();
        assertThatThrownBy(() -> sealer.seal(dst, 0, 1, true, dst, 0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> opener.open(dst, 0, 17, 0, true, dst, 0)).isInstanceOf(IllegalStateException.class);
    }

    private static void fails(org.assertj.core.api.ThrowableAssert.ThrowingCallable action) {
        assertThatThrownBy(action)
                .isExactlyInstanceOf(AuthenticationFailedException.class)
                .hasMessage("");
    }

    private static byte[] plaintext(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private static byte[] seal(SecretBytes key, byte[] info, byte[] plaintext) {
        ByteArrayOutputStream sealed = new ByteArrayOutputStream();
        byte[] dst = new byte[SEALED];
        try (Sealer sealer = new Sealer(key, info)) {
            int offset = 0;
            boolean last;
            do {
                int length = Math.min(SEGMENT, plaintext.length - offset);
                last = offset + length == plaintext.length;
                sealed.write(dst, 0, sealer.seal(plaintext, offset, length, last, dst, 0));
                offset += length;
            } while (!last);
        }
        return sealed.toByteArray();
    }

    private static byte[] open(SecretBytes key, byte[] info, byte[] sealed, SegmentRange range, long size) {
        ByteArrayOutputStream plaintext = new ByteArrayOutputStream();
        byte[] dst = new byte[SEGMENT];
        try (Opener opener = new Opener(key, info)) {
            int offset = 0;
            for (long index = range.firstSegment(); index <= range.lastSegment(); index++) {
                int length = SegmentLayout.segmentLength(size, index) + SegmentLayout.TAG_BYTES;
                boolean last = index == SegmentLayout.segmentCount(size) - 1;
                plaintext.write(dst, 0, opener.open(sealed, offset, length, index, last, dst, 0));
                offset += length;
            }
            assertThat(offset).isEqualTo(sealed.length);
        }
        int from = range.skip();
        return Arrays.copyOfRange(plaintext.toByteArray(), from, from + (int) range.length());
    }
}

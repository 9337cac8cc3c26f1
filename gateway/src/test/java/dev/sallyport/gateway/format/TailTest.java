package dev.sallyport.gateway.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.kms.crypto.SecretBytes;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TailTest {
    private final SecretBytes dataKey = SecretBytes.random(32);
    private final ObjectKeys keys = new ObjectKeys(Plan.AES_256_GCM, Id128.random());

    @Test
    void refusesEveryChangeOfAManifest() {
        Manifest manifest = FormatRoomTest.randomManifest(new Random(5), 3);
        byte[] tail = manifest.sealTail(dataKey, keys);
        long stored = SizeFormula.storedSize(manifest.length());
        assertThat(Manifest.openTail(dataKey, keys, tail, stored)).as("control").isEqualTo(manifest);
        for (int i = 0; i < tail.length; i++) {
            byte[] changed = tail.clone();
            changed[i] ^= 0x10;
            assertThatThrownBy(() -> Manifest.openTail(dataKey, keys, changed, stored))
                    .isInstanceOf(ForgedObjectException.class);
        }
        assertThatThrownBy(() -> Manifest.openTail(dataKey, keys, tail, stored + 1))
                .isInstanceOf(ForgedObjectException.class);
        assertThatThrownBy(() -> Manifest.openTail(dataKey, keys, Arrays.copyOfRange(tail, 1, tail.length), stored))
                .isInstanceOf(ForgedObjectException.class);
        ObjectKeys other = new ObjectKeys(Plan.AES_256_GCM, Id128.random());
        assertThatThrownBy(() -> Manifest.openTail(dataKey, other, tail, stored))
                .isInstanceOf(ForgedObjectException.class);
        assertThatThrownBy(() -> Tail.openFacts(dataKey, keys, tail)).isInstanceOf(ForgedObjectException.class);
    }

    @Test
    void drawsAFreshNonceAtEveryAttempt() {
        Manifest manifest = FormatRoomTest.randomManifest(new Random(6), 2);
        Footer first = Footer.decode(manifest.sealTail(dataKey, keys));
        Footer second = Footer.decode(manifest.sealTail(dataKey, keys));
        assertThat(first.nonce()).isNotEqualTo(second.nonce());
    }

    @Test
    void refusesAManifestThatIsNotWellFormed() {
        byte[] encoded = FormatRoomTest.randomManifest(new Random(7), 4).encode();
        Random random = new Random(8);
        for (int i = 0; i < 5_000; i++) {
            byte[] changed = Arrays.copyOf(encoded, random.nextInt(encoded.length + 1));
            for (int flips = random.nextInt(4); flips > 0 && changed.length > 0; flips--) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt();
            }
            try {
                Manifest.decode(java.nio.ByteBuffer.wrap(changed));
            } catch (ForgedObjectException expected) {
                assertThat(expected).hasMessageNotContaining("Exception");
            }
        }
    }
}

package dev.sallyport.gateway.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.gateway.checksum.ChecksumAlgorithm;
import dev.sallyport.kms.crypto.SecretBytes;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever the parts of an upload, what the layout needs fits in what the size formula gives. */
class FormatRoomTest {
    private static final String SHA256 = Base64.getEncoder().encodeToString(new byte[32]);

    @Test
    void leavesEveryListOfPartsItsRoom() {
        Random random = new Random(11);
        try (SecretBytes dataKey = SecretBytes.random(32)) {
            ObjectKeys keys = new ObjectKeys(Plan.AES_256_GCM, Id128.random());
            for (int round = 0; round < 400; round++) {
                int count = 1 + random.nextInt(round % 40 == 0 ? 10_000 : 40);
                Manifest manifest = randomManifest(random, count);
                if (manifest.length() == 0) {
                    continue;
                }
                byte[] tail = manifest.sealTail(dataKey, keys);
                long stored = manifest.partsLength() + tail.length;
                assertThat(stored).isEqualTo(SizeFormula.storedSize(manifest.length()));
                assertThat(Manifest.openTail(dataKey, keys, tail, stored)).isEqualTo(manifest);
            }
        }
    }

    @Test
    void leavesTheSmallestSingleObjectItsRoom() {
        try (SecretBytes dataKey = SecretBytes.random(32)) {
            ObjectKeys keys = new ObjectKeys(Plan.AES_256_GCM, Id128.random());
            ContentFacts facts = new ContentFacts(
                    List.of(new ContentFacts.Checksum(ChecksumAlgorithm.SHA256, false, SHA256)), "0".repeat(32));
            byte[] tail = Tail.sealFacts(dataKey, keys, facts, 1);
            assertThat(tail).hasSize(768);
            assertThat(Tail.openFacts(dataKey, keys, tail)).isEqualTo(facts);
        }
    }

    /** The worst that the 5 MiB rule allows: every part just at it, each with the longest checksum. */
    static Manifest randomManifest(Random random, int count) {
        List<ManifestEntry> parts = new ArrayList<>();
        for (int number = 1; number <= count; number++) {
            long length = number == count
                    ? random.nextLong(0, 3 * SizeFormula.MIN_PART)
                    : SizeFormula.MIN_PART + (random.nextInt(3) > 0 ? 0 : random.nextLong(0, 200_000));
            parts.add(new ManifestEntry(number, Id128.random(), length, SHA256));
        }
        ContentFacts facts = new ContentFacts(
                List.of(new ContentFacts.Checksum(ChecksumAlgorithm.SHA256, true, SHA256)), "0".repeat(32));
        return new Manifest(parts, ChecksumAlgorithm.SHA256, facts);
    }
}

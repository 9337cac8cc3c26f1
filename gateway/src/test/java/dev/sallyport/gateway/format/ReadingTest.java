package dev.sallyport.gateway.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReadingTest {
    @Test
    void aWholeSingleObjectIsAllThatTheStoreHas() {
        for (long length : new long[] {1, 65_536, 65_537, 5L << 20, 7_000_000}) {
            Reading reading = Reading.wholeSingle(Id128.random(), length);
            assertThat(reading.first()).isZero();
            assertThat(reading.storedLength()).isEqualTo(SizeFormula.storedSize(length));
            assertThat(reading.plainLength()).isEqualTo(length);
        }
    }

    @Test
    void rangesOfPartsCoverWhatTheyShouldAndNoMore() {
        Random random = new Random(23);
        List<ManifestEntry> parts = new ArrayList<>();
        long total = 0;
        for (int number : new int[] {1, 2, 7, 8, 10_000}) {
            long length = number == 10_000 ? 0 : random.nextLong(1, 300_000);
            parts.add(new ManifestEntry(number, Id128.random(), length, null));
            total += length;
        }
        Manifest manifest = new Manifest(parts, null, ContentFacts.NONE);
        for (int i = 0; i < 2_000; i++) {
            long from = random.nextLong(total);
            long to = random.nextLong(from, total);
            Reading reading = Reading.rangeOfMultipart(manifest, from, to);
            long plain = reading.pieces().stream()
                    .mapToLong(piece -> piece.range().length())
                    .sum();
            long stored = reading.pieces().stream()
                    .mapToLong(piece -> piece.range().sealedLength() + (piece.header() ? PartHeader.LENGTH : 0))
                    .sum();
            assertThat(plain).isEqualTo(to - from + 1);
            assertThat(reading.storedLength()).isEqualTo(stored);
            assertThat(reading.last()).isLessThan(manifest.partsLength());
        }
        long beyond = total;
        assertThatThrownBy(() -> Reading.rangeOfMultipart(manifest, 0, beyond))
                .isInstanceOf(IllegalArgumentException.class);
    }
}

package dev.sallyport.kms.envelope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class SegmentLayoutTest {
    private static final long SEGMENT = SegmentLayout.SEGMENT_BYTES;

    @Test
    void knownSizes() {
        assertThat(SegmentLayout.sealedLength(0)).isEqualTo(16);
        assertThat(SegmentLayout.sealedLength(1)).isEqualTo(17);
        assertThat(SegmentLayout.sealedLength(65_536)).isEqualTo(65_552);
        assertThat(SegmentLayout.sealedLength(65_537)).isEqualTo(65_569);
        assertThat(SegmentLayout.sealedLength(5L << 30)).isEqualTo((5L << 30) + 16 * 81_920L);
        assertThat(SegmentLayout.sealedLength(SegmentLayout.MAX_PLAINTEXT)).isEqualTo((1L << 48) + (1L << 36));
    }

    @Test
    void everySizeInvertsAndNoOtherLengthDoes() {
        Random random = new Random(1);
        for (int round = 0; round < 20_000; round++) {
            long size = size(random);
            long sealed = SegmentLayout.sealedLength(size);
            assertThat(sealed).isEqualTo(size + 16 * Math.max(1, Math.ceilDiv(size, SEGMENT)));
            assertThat(SegmentLayout.plaintextLength(sealed)).isEqualTo(size);
            if (size < SegmentLayout.MAX_PLAINTEXT) {
                assertThat(SegmentLayout.sealedLength(size + 1)).isGreaterThan(sealed);
            }
        }
        // Between k full segments and one byte more there are 16 lengths that no stream has.
        for (long full : new long[] {0, 1, 2, 1_000}) {
            for (long extra = 1; extra <= 16; extra++) {
                long length = full * 65_552 + (full == 0 ? extra - 1 : extra);
                assertThatThrownBy(() -> SegmentLayout.plaintextLength(length))
                        .isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    @Test
    void segmentsMakeUpTheStream() {
        for (long size : new long[] {0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 10 * SEGMENT, 10 * SEGMENT + 7}) {
            long sum = 0;
            for (long index = 0; index < SegmentLayout.segmentCount(size); index++) {
                sum += SegmentLayout.segmentLength(size, index);
            }
            assertThat(sum).isEqualTo(size);
            assertThatThrownBy(() -> SegmentLayout.segmentLength(size, SegmentLayout.segmentCount(size)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aRangeCoversItsBytesAndNoSegmentMore() {
        Random random = new Random(2);
        for (int round = 0; round < 20_000; round++) {
            long size = Math.max(1, size(random));
            long first = random.nextLong(size);
            long last = random.nextInt(4) == 0 ? size - 1 : first + random.nextLong(size - first);
            SegmentRange range = SegmentLayout.range(size, first, last);
            long start = range.firstSegment() * SEGMENT;
            long end = range.lastSegment() * SEGMENT + SegmentLayout.segmentLength(size, range.lastSegment());
            assertThat(start + range.skip()).isEqualTo(first);
            assertThat(range.length()).isEqualTo(last - first + 1);
            assertThat(range.skip()).isLessThan((int) SEGMENT);
            assertThat(last).isBetween(range.lastSegment() * SEGMENT, end - 1);
            assertThat(range.sealedFirst()).isEqualTo(range.firstSegment() * 65_552);
            long segments = range.lastSegment() - range.firstSegment() + 1;
            assertThat(range.sealedLength()).isEqualTo(end - start + 16 * segments);
            assertThat(range.sealedLast()).isLessThan(SegmentLayout.sealedLength(size));
        }
    }

    @Test
    void theWholeRangeIsEverything() {
        for (long size : new long[] {1, SEGMENT, 5 * SEGMENT + 3, SegmentLayout.MAX_PLAINTEXT}) {
            assertThat(SegmentLayout.whole(size)).isEqualTo(SegmentLayout.range(size, 0, size - 1));
        }
        assertThat(SegmentLayout.whole(0)).isEqualTo(new SegmentRange(0, 15, 0, 0, 0, 0));
    }

    @Test
    void impossibleArgumentsAreRefused() {
        long[][] ranges = {{0, 0, 0}, {10, -1, 5}, {10, 5, 4}, {10, 5, 10}, {-1, 0, 0}, {(1L << 48) + 1, 0, 0}};
        for (long[] range : ranges) {
            assertThatThrownBy(() -> SegmentLayout.range(range[0], range[1], range[2]))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        for (long length : new long[] {-1, 0, 15, (1L << 48) + (1L << 36) + 1, Long.MAX_VALUE, Long.MIN_VALUE}) {
            assertThatThrownBy(() -> SegmentLayout.plaintextLength(length))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> SegmentLayout.sealedLength(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SegmentLayout.sealedLength(SegmentLayout.MAX_PLAINTEXT + 1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** Sizes of every magnitude, often beside a bound of a segment. */
    private static long size(Random random) {
        long size = random.nextLong(1L << random.nextInt(1, 48));
        return random.nextBoolean() ? size : Math.max(0, size / SEGMENT * SEGMENT + random.nextInt(-1, 2));
    }
}

package dev.sallyport.gateway.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class SizeFormulaTest {
    @Test
    void agreesWithTheSpecifiedValues() {
        assertThat(SizeFormula.storedSize(0)).isZero();
        assertThat(SizeFormula.storedSize(1)).isEqualTo(1 + 16 + 256 + 512);
        assertThat(SizeFormula.storedSize(65_536)).isEqualTo(65_536 + 16 + 768);
        assertThat(SizeFormula.storedSize(65_537)).isEqualTo(65_537 + 32 + 768);
        assertThat(SizeFormula.storedSize(5 << 20)).isEqualTo((5 << 20) + 16 * 80 + 512 + 512);
        assertThat(SizeFormula.storedSize(5L << 40)).isEqualTo((5L << 40) + 16 * (5L << 24) + 2_560_000 + 512);
        assertThatThrownBy(() -> SizeFormula.storedSize(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void isInvertedExactlyAroundEveryStep() {
        for (long step :
                new long[] {1, 16, 65_536, 10 * 65_536, 5L << 20, 10L << 20, 5L << 30, 10_000 * (5L << 20), 5L << 40}) {
            for (long length = Math.max(0, step - 40); length < step + 40; length++) {
                assertThat(SizeFormula.plainSize(SizeFormula.storedSize(length)))
                        .hasValue(length);
                assertThat(SizeFormula.storedSize(length + 1)).isGreaterThan(SizeFormula.storedSize(length));
            }
        }
    }

    @Test
    void isInvertedAtRandomLengthsAndOnlyThere() {
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            long length = random.nextLong(1, 1L << random.nextInt(1, 43));
            long stored = SizeFormula.storedSize(length);
            assertThat(SizeFormula.plainSize(stored)).hasValue(length);
            long other = stored + random.nextInt(-300, 300);
            SizeFormula.plainSize(other)
                    .ifPresent(inverse ->
                            assertThat(SizeFormula.storedSize(inverse)).isEqualTo(other));
        }
    }

    @Test
    void noLengthHasASizeBetweenTwoSteps() {
        assertThat(SizeFormula.plainSize(1)).isEmpty();
        assertThat(SizeFormula.plainSize(784)).isEmpty();
        assertThat(SizeFormula.plainSize(785)).hasValue(1);
        assertThat(SizeFormula.plainSize(65_536 + 16 + 768 + 1)).isEmpty();
        assertThat(SizeFormula.plainSize(-1)).isEmpty();
        assertThat(SizeFormula.plainSize(Long.MAX_VALUE)).isEmpty();
    }

    @Test
    void theLongestPutFillsWhatAStoreTakes() {
        assertThat(SizeFormula.storedSize(SizeFormula.MAX_PUT)).isLessThanOrEqualTo(5L << 30);
        assertThat(SizeFormula.storedSize(SizeFormula.MAX_PUT + 1)).isGreaterThan(5L << 30);
    }
}

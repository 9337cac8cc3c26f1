package dev.sallyport.kms.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;

/**
 * Arbitrary bytes as a file of seals: it is read and written again, or refused. Without JAZZER_FUZZ=1 in the environment the
 * committed inputs are replayed only.
 */
class SealsFuzzTest {
    @FuzzTest(maxDuration = "2m")
    void files(byte[] json) {
        Seals seals;
        try {
            seals = Seals.parse(json);
        } catch (SealException e) {
            assertThat(e.reason()).isEqualTo(SealException.Reason.MALFORMED);
            assertThat(e.getMessage()).doesNotContain("\n");
            return;
        }
        assertThat(Seals.parse(seals.toJson()).list()).isEqualTo(seals.list());
        assertThat(Seals.parse(seals.toJson()).toJson()).isEqualTo(seals.toJson());
        byte[] key = new byte[SealSecret.KEY_FILE_LENGTH];
        key[0] = 1;
        try (SealSecret other = SealSecret.key(key)) {
            assertThatThrownBy(() -> seals.open(other)).isInstanceOf(SealException.class);
        }
    }
}

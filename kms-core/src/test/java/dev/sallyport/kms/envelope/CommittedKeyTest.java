package dev.sallyport.kms.envelope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.kms.crypto.AuthenticationFailedException;
import dev.sallyport.kms.crypto.ProviderTest;
import dev.sallyport.kms.crypto.SecretBytes;

class CommittedKeyTest {
    @ProviderTest
    void onlyItsOwnKeyMatches() {
        try (SecretBytes key = SecretBytes.random(32);
                SecretBytes other = SecretBytes.random(32);
                SecretBytes longer = SecretBytes.random(64)) {
            byte[] commitment = CommittedKey.commitment(key);
            assertThat(commitment).hasSize(32).isNotEqualTo(key.exposeCopy());
            CommittedKey.verify(key, commitment);
            fails(other, commitment);
            fails(longer, commitment);
            fails(key, new byte[0]);
            fails(key, java.util.Arrays.copyOf(commitment, 31));
            for (int i = 0; i < commitment.length; i++) {
                byte[] altered = commitment.clone();
                altered[i] ^= 1;
                fails(key, altered);
            }
        }
    }

    private static void fails(SecretBytes key, byte[] commitment) {
        assertThatThrownBy(() -> CommittedKey.verify(key, commitment))
                .isExactlyInstanceOf(AuthenticationFailedException.class)
                .hasMessage("");
    }
}

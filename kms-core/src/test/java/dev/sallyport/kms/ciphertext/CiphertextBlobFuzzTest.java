package dev.sallyport.kms.ciphertext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.crypto.AuthenticationFailedException;
import dev.sallyport.kms.crypto.SecretBytes;
import java.util.Arrays;

/**
 * Arbitrary bytes as a blob. Without JAZZER_FUZZ=1 in the environment it replays the committed inputs only.
 */
class CiphertextBlobFuzzTest {
    @FuzzTest(maxDuration = "2m")
    void noInputDoesMoreThanFail(byte[] blob) {
        Header header;
        try {
            header = CiphertextBlob.parse(blob);
        } catch (AuthenticationFailedException e) {
            header = null;
        }
        if (header != null) {
            assertThat(header.keyId()).matches("[0-9A-Za-z-]{1,64}");
            assertThat(header.materialId()).matches("[0-9a-f]{64}");
            assertThat(header.bytes()).isEqualTo(Arrays.copyOf(blob, header.length()));
        }
        try (SecretBytes material = SecretBytes.copyOf(new byte[32])) {
            assertThatThrownBy(() -> CiphertextBlob.open(material, blob, EncryptionContext.EMPTY))
                    .isInstanceOf(AuthenticationFailedException.class);
        }
    }
}

package dev.sallyport.kms.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SecretBytesTest {
    @Test
    void takesOverAndZeroesItsSource() {
        byte[] source = {1, 2, 3};
        try (SecretBytes secret = SecretBytes.takeOver(source)) {
            assertThat(source).isEqualTo(new byte[3]);
            assertThat(secret.exposeCopy()).isEqualTo(new byte[] {1, 2, 3});
            assertThat(secret.length()).isEqualTo(3);
        }
    }

    @Test
    void copiesAndSlices() {
        byte[] source = {1, 2, 3, 4};
        try (SecretBytes secret = SecretBytes.copyOf(source);
                SecretBytes slice = secret.slice(1, 2);
                SecretBytes part = SecretBytes.copyOf(source, 2, 2);
                SecretBytes empty = SecretBytes.copyOf(new byte[0])) {
            assertThat(source).isEqualTo(new byte[] {1, 2, 3, 4});
            assertThat(slice.exposeCopy()).isEqualTo(new byte[] {2, 3});
            assertThat(part.exposeCopy()).isEqualTo(new byte[] {3, 4});
            assertThat(empty.length()).isZero();
            assertThatThrownBy(() -> secret.slice(3, 2)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void wipesTheCopyThatItLends() {
        AtomicReference<byte[]> lent = new AtomicReference<>();
        try (SecretBytes secret = SecretBytes.random(32)) {
            int first = secret.use(bytes -> {
                lent.set(bytes);
                return bytes.length;
            });
            assertThat(first).isEqualTo(32);
            assertThat(lent.get()).isEqualTo(new byte[32]);
            assertThatThrownBy(() -> secret.use(bytes -> {
                        lent.set(bytes);
                        throw new IllegalArgumentException("action failed");
                    }))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(lent.get()).isEqualTo(new byte[32]);
        }
    }

    @Test
    void aClosedOneGivesNothingAndNeverZeros() {
        SecretBytes secret = SecretBytes.random(32);
        secret.close();
        secret.close();
        assertThatThrownBy(secret::exposeCopy).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> secret.slice(0, 1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> secret.use(bytes -> bytes.length)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void showsNothing() {
        try (SecretBytes secret = SecretBytes.copyOf("hunter2".getBytes(java.nio.charset.StandardCharsets.UTF_8));
                RawKey key = new RawKey("AES", secret.exposeCopy())) {
            assertThat(secret.toString()).isEqualTo("SecretBytes[redacted]");
            assertThat(key.toString()).isEqualTo("RawKey[redacted]");
        }
    }

    @Test
    void randomOnesDiffer() {
        try (SecretBytes one = SecretBytes.random(32);
                SecretBytes two = SecretBytes.random(32)) {
            assertThat(one.exposeCopy()).isNotEqualTo(two.exposeCopy()).isNotEqualTo(new byte[32]);
        }
    }
}

package dev.sallyport.kms.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MacKeysTest {
    private static final byte[] MESSAGE = {1, 2, 3};

    @TempDir
    Path temporary;

    @Test
    void oldKeysVerifyAfterRotationAndReopening() {
        byte[] first;
        byte[] second;
        try (SqliteKeyStore store = TestStores.open(temporary);
                MacKeys keys = MacKeys.open(store);
                MacKeys other = MacKeys.open(store)) {
            assertThat(keys.currentKey()).isEqualTo(1);
            first = keys.mac(1, MESSAGE);
            assertThat(keys.rotate()).isEqualTo(2);
            assertThat(keys.currentKey()).isEqualTo(2);
            second = keys.mac(2, MESSAGE);
            assertThat(first).hasSize(32).isNotEqualTo(second);
            assertThat(other.currentKey()).isEqualTo(2);
            assertThat(other.mac(2, MESSAGE)).isEqualTo(second);
            assertThat(other.mac(3, MESSAGE)).isNull();
        }
        try (SqliteKeyStore store = TestStores.open(temporary);
                MacKeys keys = MacKeys.open(store)) {
            assertThat(keys.currentKey()).isEqualTo(2);
            assertThat(keys.mac(1, MESSAGE)).isEqualTo(first);
            assertThat(keys.mac(2, MESSAGE)).isEqualTo(second);
        }
    }
}

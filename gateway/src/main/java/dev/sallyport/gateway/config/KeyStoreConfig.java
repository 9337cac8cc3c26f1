package dev.sallyport.gateway.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where the keys are, and what opens them.
 *
 * @param directory made by {@code sallyport init}
 * @param passphraseFile null for another seal, or for the environment
 * @param keyFile null for another seal, or for the environment
 */
public record KeyStoreConfig(
        Path directory,
        @Nullable Path passphraseFile,
        @Nullable Path keyFile) {
    public KeyStoreConfig {
        if (passphraseFile != null && keyFile != null) {
            throw new IllegalArgumentException("name either passphraseFile or keyFile, not both");
        }
    }
}

package dev.sallyport.gateway.config;

import dev.sallyport.kms.seal.SealSecret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/** Where the secret that opens the key store comes from when the gateway starts. */
public final class SealSecrets {
    private SealSecrets() {}

    /**
     * From the file that the configuration names, else from {@code SALLYPORT_PASSPHRASE_FILE}, {@code SALLYPORT_PASSPHRASE}
     * or {@code SALLYPORT_KEY_FILE}. The caller closes it.
     *
     * @throws dev.sallyport.kms.seal.SealException when it cannot be read
     * @throws IOException when none is named
     */
    public static SealSecret of(KeyStoreConfig keyStore, Map<String, String> environment) throws IOException {
        if (keyStore.passphraseFile() != null) {
            return SealSecret.passphraseFile(keyStore.passphraseFile());
        }
        if (keyStore.keyFile() != null) {
            return SealSecret.keyFile(keyStore.keyFile());
        }
        String passphraseFile = environment.get("SALLYPORT_PASSPHRASE_FILE");
        if (passphraseFile != null) {
            return SealSecret.passphraseFile(Path.of(passphraseFile));
        }
        String passphrase = environment.get("SALLYPORT_PASSPHRASE");
        if (passphrase != null) {
            return SealSecret.passphrase(passphrase.getBytes(StandardCharsets.UTF_8));
        }
        String keyFile = environment.get("SALLYPORT_KEY_FILE");
        if (keyFile != null) {
            return SealSecret.keyFile(Path.of(keyFile));
        }
        throw new IOException("nothing opens the key store: set keyStore.passphraseFile or keyStore.keyFile, or"
                + " SALLYPORT_PASSPHRASE_FILE, SALLYPORT_PASSPHRASE or SALLYPORT_KEY_FILE");
    }
}

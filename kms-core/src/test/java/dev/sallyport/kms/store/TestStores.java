package dev.sallyport.kms.store;

import dev.sallyport.kms.seal.SealSecret;
import java.nio.file.Files;
import java.nio.file.Path;

/** Key stores of tests, sealed by a key file since Argon2id is slow by design. */
public final class TestStores {
    private TestStores() {}

    /** Makes {@code parent/ks} and its key file {@code parent/key}, if need be, and opens it. */
    public static SqliteKeyStore open(Path parent) {
        return open(parent, DigestWitness.NONE);
    }

    static SqliteKeyStore open(Path parent, DigestWitness witness) {
        Path directory = parent.resolve("ks");
        Path keyFile = parent.resolve("key");
        if (!Files.exists(keyFile)) {
            SealSecret.newKeyFile(keyFile).close();
        }
        try (SealSecret secret = SealSecret.keyFile(keyFile)) {
            if (!Files.exists(directory)) {
                SqliteKeyStore.create(directory, secret);
            }
            return SqliteKeyStore.open(directory, secret, witness);
        }
    }
}

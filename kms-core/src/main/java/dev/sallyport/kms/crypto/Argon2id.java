package dev.sallyport.kms.crypto;

import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * Argon2id, version 1.3 (RFC 9106), by Bouncy Castle: keys from passphrases. Costs are bounded, since they may come from a
 * file.
 */
public final class Argon2id {
    /** Most memory that is taken: 4 GiB, in KiB. */
    public static final int MAX_MEMORY_KIB = 4 << 20;

    /** Most passes. */
    public static final int MAX_ITERATIONS = 1_000;

    /** Most lanes. */
    public static final int MAX_PARALLELISM = 64;

    private Argon2id() {}

    /**
     * Derives a key.
     *
     * @param salt 8 to 64 bytes, random for each passphrase
     * @param memoryKib at least 8 for each lane
     * @param outputBytes 16 to 64
     */
    public static SecretBytes derive(
            SecretBytes passphrase, byte[] salt, int memoryKib, int iterations, int parallelism, int outputBytes) {
        return derive(passphrase, salt, new byte[0], new byte[0], memoryKib, iterations, parallelism, outputBytes);
    }

    /** With the optional inputs of RFC 9106, which its test vector uses. */
    static SecretBytes derive(
            SecretBytes passphrase,
            byte[] salt,
            byte[] secret,
            byte[] associatedData,
            int memoryKib,
            int iterations,
            int parallelism,
            int outputBytes) {
        require("salt length", salt.length, 8, 64);
        require("parallelism", parallelism, 1, MAX_PARALLELISM);
        require("memory in KiB", memoryKib, 8 * parallelism, MAX_MEMORY_KIB);
        require("iterations", iterations, 1, MAX_ITERATIONS);
        require("output length", outputBytes, 16, 64);
        Argon2Parameters parameters = new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                .withSalt(salt)
                .withSecret(secret)
                .withAdditional(associatedData)
                .withMemoryAsKB(memoryKib)
                .withIterations(iterations)
                .withParallelism(parallelism)
                .build();
        Argon2BytesGenerator generator = new Argon2BytesGenerator();
        generator.init(parameters);
        byte[] output = new byte[outputBytes];
        passphrase.use(bytes -> generator.generateBytes(bytes, output));
        return SecretBytes.takeOver(output);
    }

    private static void require(String what, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException("Argon2id " + what + " " + value + " is not in " + least + ".." + most);
        }
    }
}

package dev.sallyport.kms.seal;

import dev.sallyport.kms.seal.SealException.Reason;

/**
 * Costs of Argon2id version 1.3 (RFC 9106), bounded so that a file of seals from elsewhere can neither weaken a new seal nor
 * make its reader run out of memory or time.
 *
 * @param memoryKib 8 MiB to 1 GiB, in KiB
 * @param iterations 1 to 16
 * @param parallelism 1 to 16 lanes
 */
record Argon2Parameters(int memoryKib, int iterations, int parallelism) {
    /** The second recommended option of RFC 9106, section 4: 64 MiB, 3 passes, 4 lanes. */
    static final Argon2Parameters DEFAULT = new Argon2Parameters(64 * 1024, 3, 4);

    static final int MIN_MEMORY_KIB = 8 * 1024;
    static final int MAX_MEMORY_KIB = 1024 * 1024;

    Argon2Parameters {
        if (memoryKib < MIN_MEMORY_KIB
                || memoryKib > MAX_MEMORY_KIB
                || iterations < 1
                || iterations > 16
                || parallelism < 1
                || parallelism > 16) {
            throw new SealException(
                    Reason.MALFORMED,
                    "Argon2id parameters out of bounds: 8192 to 1048576 KiB, 1 to 16 iterations, 1 to 16 lanes");
        }
    }
}

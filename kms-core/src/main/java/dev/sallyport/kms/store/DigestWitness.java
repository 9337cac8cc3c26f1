package dev.sallyport.kms.store;

import java.util.Optional;

/**
 * Something outside the key store that remembers its digests: the audit journal. At start the store is compared with what the
 * witness saw last; an older or different one is refused.
 */
public interface DigestWitness {
    /** Remembers nothing, so no roll-back is noticed. */
    DigestWitness NONE = new DigestWitness() {
        @Override
        public Optional<StoreDigest> lastSeen() {
            return Optional.empty();
        }

        @Override
        public void saw(StoreDigest digest) {}
    };

    /** The digest that was recorded last; empty when none ever was. */
    Optional<StoreDigest> lastSeen();

    /**
     * Called after every commit, before its caller learns of it, on the thread that writes the store: it must not wait for a
     * disk. What it throws is logged and otherwise ignored, since the commit stands.
     */
    void saw(StoreDigest digest);
}

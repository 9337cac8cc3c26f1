package dev.sallyport.volume.keys;

import dev.sallyport.kms.crypto.SecretBytes;

/** A volume's two keys in plaintext. A class and no record, since it holds secrets. */
public final class KeyBundle implements AutoCloseable {
    /** Bytes of the MAC key, which follows the volume key in what the KMS wraps. */
    public static final int MAC_KEY = 32;

    private final SecretBytes volumeKey;
    private final SecretBytes macKey;

    private KeyBundle(SecretBytes volumeKey, SecretBytes macKey) {
        this.volumeKey = volumeKey;
        this.macKey = macKey;
    }

    /**
     * Takes volume key ‖ MAC key apart; {@code both} stays open.
     *
     * @throws VolumeKeyException when the length is not that of an AES-XTS key and a MAC key
     */
    static KeyBundle split(SecretBytes both) {
        int length = both.length() - MAC_KEY;
        if (length != 32 && length != 64) {
            throw new VolumeKeyException("what the KMS opened is no volume key");
        }
        return new KeyBundle(both.slice(0, length), both.slice(length, MAC_KEY));
    }

    /** Both halves of the AES-XTS key: 32 or 64 bytes; closed with this. */
    public SecretBytes volumeKey() {
        return volumeKey;
    }

    /** The key of the token's MAC; closed with this. */
    public SecretBytes macKey() {
        return macKey;
    }

    @Override
    public void close() {
        volumeKey.close();
        macKey.close();
    }
}

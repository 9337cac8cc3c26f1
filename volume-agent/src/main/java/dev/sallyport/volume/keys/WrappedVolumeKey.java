package dev.sallyport.volume.keys;

import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.volume.luks.Token;

/** A new volume key, in plaintext and as the token will hold it. A class and no record, since it holds secrets. */
public final class WrappedVolumeKey implements AutoCloseable {
    private final KeyBundle keys;
    private final String keyArn;
    private final byte[] wrapped;
    private final EncryptionContext context;

    WrappedVolumeKey(KeyBundle keys, String keyArn, byte[] wrapped, EncryptionContext context) {
        this.keys = keys;
        this.keyArn = keyArn;
        this.wrapped = wrapped;
        this.context = context;
    }

    /** The keys; closed with this. */
    public KeyBundle keys() {
        return keys;
    }

    /** The token of an image of so many bytes of data. */
    public Token token(long size) {
        return new Token(keyArn, wrapped, context, size);
    }

    @Override
    public void close() {
        keys.close();
    }
}

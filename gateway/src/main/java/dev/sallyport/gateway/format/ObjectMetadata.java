package dev.sallyport.gateway.format;

import dev.sallyport.kms.crypto.AuthenticationFailedException;
import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.kms.envelope.CommittedKey;
import org.jspecify.annotations.Nullable;

/**
 * What lies beside an object, in one value of its user metadata. A class and no record, since it holds arrays; immutable.
 */
public final class ObjectMetadata {
    /** The store's name of the value. */
    public static final String HEADER = "x-amz-meta-sallyport";

    private final ObjectKeys keys;
    private final Layout layout;
    private final long length;
    private final @Nullable Id128 nonce;
    private final byte[] commitment;
    private final SseFacts sse;
    private final WrappedKey key;
    private final byte @Nullable [] sealedFacts;
    private final @Nullable String expires;

    private ObjectMetadata(
            ObjectKeys keys,
            Layout layout,
            long length,
            @Nullable Id128 nonce,
            byte[] commitment,
            SseFacts sse,
            WrappedKey key,
            byte @Nullable [] sealedFacts,
            @Nullable String expires) {
        if ((nonce == null) != (layout != Layout.SINGLE)
                || (length < 0) != (layout == Layout.MULTIPART)
                || (length == 0) != (layout == Layout.EMPTY)
                || commitment.length != CommittedKey.COMMITMENT_BYTES) {
            throw new IllegalArgumentException(layout + " of " + length + " bytes");
        }
        if (sse.bucketKey() != (key.underBucketKey() != null)) {
            throw new IllegalArgumentException("a bucket key where none is");
        }
        this.keys = keys;
        this.layout = layout;
        this.length = length;
        this.nonce = nonce;
        this.commitment = commitment.clone();
        this.sse = sse;
        this.key = key;
        this.sealedFacts = sealedFacts == null ? null : sealedFacts.clone();
        this.expires = expires;
    }

    /** Of an empty object. */
    public static ObjectMetadata empty(
            ObjectKeys keys,
            byte[] commitment,
            SseFacts sse,
            WrappedKey key,
            byte[] sealedFacts,
            @Nullable String expires) {
        return new ObjectMetadata(keys, Layout.EMPTY, 0, null, commitment, sse, key, sealedFacts, expires);
    }

    /**
     * Of a single object.
     *
     * @param length bytes of plaintext, at least 1
     * @param nonce of its stream
     * @param sealedFacts null when they are in the tail
     */
    public static ObjectMetadata single(
            ObjectKeys keys,
            long length,
            Id128 nonce,
            byte[] commitment,
            SseFacts sse,
            WrappedKey key,
            byte @Nullable [] sealedFacts,
            @Nullable String expires) {
        return new ObjectMetadata(keys, Layout.SINGLE, length, nonce, commitment, sse, key, sealedFacts, expires);
    }

    /** Of a multipart object, as it is when the upload begins: length, nonces and facts come with the manifest. */
    public static ObjectMetadata multipart(
            ObjectKeys keys, byte[] commitment, SseFacts sse, WrappedKey key, @Nullable String expires) {
        return new ObjectMetadata(keys, Layout.MULTIPART, -1, null, commitment, sse, key, null, expires);
    }

    /** The same object under another wrap of the same data key. */
    public ObjectMetadata rewrapped(SseFacts newSse, WrappedKey newKey) {
        return new ObjectMetadata(keys, layout, length, nonce, commitment, newSse, newKey, sealedFacts, expires);
    }

    /** The same object with another {@code Expires}; null for none. */
    public ObjectMetadata expiring(@Nullable String newExpires) {
        return new ObjectMetadata(keys, layout, length, nonce, commitment, sse, key, sealedFacts, newExpires);
    }

    public ObjectKeys keys() {
        return keys;
    }

    public Layout layout() {
        return layout;
    }

    /** Bytes of plaintext; -1 in the multipart layout, where the stored size tells ({@link SizeFormula#plainSize}). */
    public long length() {
        return length;
    }

    /** The nonce of the single layout's stream; null in the others. */
    public @Nullable Id128 nonce() {
        return nonce;
    }

    public byte[] commitment() {
        return commitment.clone();
    }

    public SseFacts sse() {
        return sse;
    }

    public WrappedKey key() {
        return key;
    }

    /** For {@link SealedFacts}; null when the facts are in the tail. */
    public byte @Nullable [] sealedFacts() {
        return sealedFacts == null ? null : sealedFacts.clone();
    }

    /** The client's {@code Expires}, which stores keep in forms of their own; null for none. */
    public @Nullable String expires() {
        return expires;
    }

    /**
     * Checks that a key is the one that this object was sealed with, before anything is opened with it.
     *
     * @throws ForgedObjectException when it is another
     */
    public void verifyKey(SecretBytes dataKey) {
        try {
            CommittedKey.verify(dataKey, commitment);
        } catch (AuthenticationFailedException e) {
            throw new ForgedObjectException("object " + keys.objectId() + " was not sealed with the key beside it");
        }
    }

    /**
     * The object's length.
     *
     * @param storedSize the bytes that the store holds
     * @throws ForgedObjectException when no object of this kind has that size
     */
    public long lengthOf(long storedSize) {
        if (layout == Layout.MULTIPART) {
            return SizeFormula.plainSize(storedSize)
                    .orElseThrow(() -> new ForgedObjectException("no object has " + storedSize + " bytes"));
        }
        if (SizeFormula.storedSize(length) != storedSize) {
            throw new ForgedObjectException(
                    "object " + keys.objectId() + " of " + length + " bytes has " + storedSize + " bytes in the store");
        }
        return length;
    }
}

package dev.sallyport.gateway.format;

import org.jspecify.annotations.Nullable;

/**
 * An object's data key, wrapped: by the KMS, or under a bucket key that the KMS wrapped. A class and no record, since it
 * holds arrays.
 */
public final class WrappedKey {
    /** The longest blob that a KMS may give for a key of 32 bytes (AWS's have 184). */
    public static final int MAX_BLOB = 224;

    private final byte[] kmsBlob;
    private final byte @Nullable [] underBucketKey;

    private WrappedKey(byte[] kmsBlob, byte @Nullable [] underBucketKey) {
        if (kmsBlob.length == 0 || kmsBlob.length > MAX_BLOB) {
            throw new IllegalArgumentException("a ciphertext blob of " + kmsBlob.length + " bytes");
        }
        if (underBucketKey != null && underBucketKey.length != BucketKeyWrap.LENGTH) {
            throw new IllegalArgumentException("a wrapped data key of " + underBucketKey.length + " bytes");
        }
        this.kmsBlob = kmsBlob.clone();
        this.underBucketKey = underBucketKey == null ? null : underBucketKey.clone();
    }

    /** The KMS wrapped the data key itself. */
    public static WrappedKey byKms(byte[] dataKeyBlob) {
        return new WrappedKey(dataKeyBlob, null);
    }

    /** The KMS wrapped a bucket key, and that the data key ({@link BucketKeyWrap}). */
    public static WrappedKey byBucketKey(byte[] bucketKeyBlob, byte[] dataKeyWrap) {
        return new WrappedKey(bucketKeyBlob, dataKeyWrap);
    }

    /** What the KMS opens: the data key, or the bucket key. */
    public byte[] kmsBlob() {
        return kmsBlob.clone();
    }

    /** What the bucket key opens; null without one. */
    public byte @Nullable [] underBucketKey() {
        return underBucketKey == null ? null : underBucketKey.clone();
    }
}

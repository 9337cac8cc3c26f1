package dev.sallyport.gateway.format;

import dev.sallyport.kms.crypto.SecretBytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A data key wrapped under a bucket key, without the KMS: a nonce and the sealed key. The object's ARN is authenticated with
 * it, and object id and plan are in the derived key, so a wrap is good for one object's name and nothing else.
 */
public final class BucketKeyWrap {
    /** Bytes of a wrapped data key. */
    public static final int LENGTH = Id128.LENGTH + 32 + SizeFormula.TAG;

    private BucketKeyWrap() {}

    /** Wraps a data key of 32 bytes. */
    public static byte[] wrap(SecretBytes bucketKey, ObjectKeys keys, String objectArn, SecretBytes dataKey) {
        if (dataKey.length() != 32) {
            throw new IllegalArgumentException("a data key has 32 bytes");
        }
        Id128 nonce = Id128.random();
        byte[] sealed =
                dataKey.use(plain -> keys.seal(bucketKey, ObjectKeys.Purpose.DATA_KEY, nonce, aad(objectArn), plain));
        ByteBuffer bytes = ByteBuffer.allocate(LENGTH);
        nonce.write(bytes);
        return bytes.put(sealed).array();
    }

    /** @throws ForgedObjectException when it is not the wrap of this object under this bucket key */
    public static SecretBytes unwrap(SecretBytes bucketKey, ObjectKeys keys, String objectArn, byte[] wrapped) {
        if (wrapped.length != LENGTH) {
            throw new ForgedObjectException("a wrapped data key of " + wrapped.length + " bytes");
        }
        ByteBuffer from = ByteBuffer.wrap(wrapped);
        Id128 nonce = Id128.read(from);
        byte[] sealed = new byte[from.remaining()];
        from.get(sealed);
        return SecretBytes.takeOver(keys.open(bucketKey, ObjectKeys.Purpose.DATA_KEY, nonce, aad(objectArn), sealed));
    }

    private static byte[] aad(String objectArn) {
        return objectArn.getBytes(StandardCharsets.UTF_8);
    }
}

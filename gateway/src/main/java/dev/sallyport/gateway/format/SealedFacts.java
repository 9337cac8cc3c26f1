package dev.sallyport.gateway.format;

import dev.sallyport.kms.crypto.SecretBytes;
import java.nio.ByteBuffer;

/** Content facts as they lie in an object's metadata: a nonce, and the sealed facts. */
public final class SealedFacts {
    private static final byte[] NO_AAD = new byte[0];

    private SealedFacts() {}

    /** Seals facts for the metadata of an object. */
    public static byte[] seal(SecretBytes dataKey, ObjectKeys keys, ContentFacts facts) {
        Id128 nonce = Id128.random();
        byte[] sealed = keys.seal(dataKey, ObjectKeys.Purpose.FACTS, nonce, NO_AAD, facts.encode());
        ByteBuffer bytes = ByteBuffer.allocate(Id128.LENGTH + sealed.length);
        nonce.write(bytes);
        return bytes.put(sealed).array();
    }

    /** @throws ForgedObjectException when they do not open */
    public static ContentFacts open(SecretBytes dataKey, ObjectKeys keys, byte[] bytes) {
        if (bytes.length < Id128.LENGTH + SizeFormula.TAG) {
            throw new ForgedObjectException("sealed facts of " + bytes.length + " bytes");
        }
        ByteBuffer from = ByteBuffer.wrap(bytes);
        Id128 nonce = Id128.read(from);
        byte[] sealed = new byte[from.remaining()];
        from.get(sealed);
        return ContentFacts.decode(
                ByteBuffer.wrap(keys.open(dataKey, ObjectKeys.Purpose.FACTS, nonce, NO_AAD, sealed)));
    }
}

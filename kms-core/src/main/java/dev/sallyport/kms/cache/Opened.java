package dev.sallyport.kms.cache;

import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.crypto.Digests;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * The identity of an opened key, for {@link KeyCache}: what was opened, and with which context. Two are equal only if both
 * are, up to collisions of SHA-256.
 *
 * @param sha256 64 lower-case hex digits
 */
public record Opened(String sha256) {
    /** The identity of the key that {@code wrapped} holds under {@code context}. */
    public static Opened of(byte[] wrapped, EncryptionContext context) {
        byte[] length = ByteBuffer.allocate(4).putInt(wrapped.length).array();
        return new Opened(HexFormat.of().formatHex(Digests.sha256(length, wrapped, context.canonicalBytes())));
    }
}

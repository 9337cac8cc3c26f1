package dev.sallyport.gateway.format;

import dev.sallyport.kms.crypto.RandomBytes;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * Sixteen random bytes that make something unique: an object's id, or the nonce of one stream, tail or wrap. Not secret.
 *
 * @param high the first eight bytes, big-endian
 * @param low the last eight
 */
public record Id128(long high, long low) {
    /** Bytes of an id. */
    public static final int LENGTH = 16;

    /** A fresh one. */
    public static Id128 random() {
        ByteBuffer bytes = ByteBuffer.wrap(RandomBytes.of(LENGTH));
        return read(bytes);
    }

    /** Reads one at the buffer's position. */
    public static Id128 read(ByteBuffer from) {
        return new Id128(from.getLong(), from.getLong());
    }

    /** Writes it at the buffer's position. */
    public void write(ByteBuffer to) {
        to.putLong(high).putLong(low);
    }

    /** 32 lower-case hex digits. */
    @Override
    public String toString() {
        return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
    }

    /**
     * From 32 hex digits.
     *
     * @throws IllegalArgumentException for anything else
     */
    public static Id128 parse(String hex) {
        if (hex.length() != 2 * LENGTH) {
            throw new IllegalArgumentException("32 hex digits, not " + hex.length());
        }
        return new Id128(HexFormat.fromHexDigitsToLong(hex, 0, 16), HexFormat.fromHexDigitsToLong(hex, 16, 32));
    }
}

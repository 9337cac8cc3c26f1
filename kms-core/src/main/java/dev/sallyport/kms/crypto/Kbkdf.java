package dev.sallyport.kms.crypto;

import java.nio.ByteBuffer;
import java.util.Arrays;
import javax.crypto.Mac;

/**
 * Key derivation in counter mode with HMAC-SHA-256 as the PRF: NIST SP 800-108r1, section 4.1, with a 32-bit big-endian
 * counter, from 1, before the fixed input data.
 */
public final class Kbkdf {
    /** The longest output that is derived here, in bytes. */
    public static final int MAX_OUTPUT = 255 * Hmac.SHA256_BYTES;

    private Kbkdf() {}

    /** Output for the standard's own layout of the fixed input: label, a zero byte, context, output length in bits. */
    public static SecretBytes counterHmacSha256(SecretBytes key, byte[] label, byte[] context, int outputBytes) {
        return counterHmacSha256(key, fixedInput(label, context, outputBytes), outputBytes);
    }

    /** Output for fixed input data of the caller's own layout. */
    public static SecretBytes counterHmacSha256(SecretBytes key, byte[] fixedInput, int outputBytes) {
        if (outputBytes < 1 || outputBytes > MAX_OUTPUT) {
            throw new IllegalArgumentException("output of " + outputBytes + " bytes");
        }
        int blocks = (outputBytes + Hmac.SHA256_BYTES - 1) / Hmac.SHA256_BYTES;
        byte[] output = new byte[blocks * Hmac.SHA256_BYTES];
        try (RawKey raw = new RawKey("HmacSHA256", key.exposeCopy())) {
            Mac mac = Hmac.mac(raw);
            byte[] counter = new byte[4];
            for (int block = 0; block < blocks; block++) {
                ByteBuffer.wrap(counter).putInt(block + 1);
                mac.update(counter);
                mac.update(fixedInput);
                byte[] piece = mac.doFinal();
                System.arraycopy(piece, 0, output, block * Hmac.SHA256_BYTES, piece.length);
                Arrays.fill(piece, (byte) 0);
            }
            return SecretBytes.copyOf(output, 0, outputBytes);
        } finally {
            Arrays.fill(output, (byte) 0);
        }
    }

    private static byte[] fixedInput(byte[] label, byte[] context, int outputBytes) {
        return ByteBuffer.allocate(label.length + 1 + context.length + 4)
                .put(label)
                .put((byte) 0)
                .put(context)
                .putInt(Math.multiplyExact(outputBytes, 8))
                .array();
    }
}

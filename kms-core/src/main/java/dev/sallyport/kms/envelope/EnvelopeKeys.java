package dev.sallyport.kms.envelope;

import dev.sallyport.kms.crypto.ConstantTime;
import dev.sallyport.kms.crypto.Hmac;
import dev.sallyport.kms.crypto.Kbkdf;
import dev.sallyport.kms.crypto.SecretBytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** What is derived from the data key of an envelope, and the data key from its shares. */
final class EnvelopeKeys {
    static final int DATA_KEY_BYTES = 32;

    private static final byte[] HEADER_LABEL = ascii("sallyport/v1/envelope-header");
    private static final byte[] SHARES_LABEL = ascii("sallyport/v1/data-key-shares");
    private static final byte[] STREAM = ascii("sallyport/envelope");
    private static final byte VERSION = 1;

    private EnvelopeKeys() {}

    /** The data key of all shares, in the order of their wraps. */
    static SecretBytes combine(List<SecretBytes> shares, byte[] id) {
        byte[] all = new byte[shares.size() * DATA_KEY_BYTES];
        for (int i = 0; i < shares.size(); i++) {
            int at = i * DATA_KEY_BYTES;
            shares.get(i).use(share -> {
                System.arraycopy(share, 0, all, at, DATA_KEY_BYTES);
                return share.length;
            });
        }
        byte[] context = Arrays.copyOf(id, id.length + 1);
        context[id.length] = (byte) shares.size();
        try (SecretBytes key = SecretBytes.takeOver(all)) {
            return Kbkdf.counterHmacSha256(key, SHARES_LABEL, context, DATA_KEY_BYTES);
        }
    }

    /** The MAC of a header, given without it. */
    static byte[] mac(SecretBytes dataKey, byte[] header) {
        try (SecretBytes key = Kbkdf.counterHmacSha256(dataKey, HEADER_LABEL, new byte[0], Hmac.SHA256_BYTES)) {
            return Hmac.sha256(key, header);
        }
    }

    /** Whether the last 32 bytes of a header are its MAC. */
    static boolean authenticates(SecretBytes dataKey, byte[] headerAndMac) {
        int end = headerAndMac.length - HeaderCodec.MAC_BYTES;
        return ConstantTime.equals(
                mac(dataKey, Arrays.copyOf(headerAndMac, end)),
                Arrays.copyOfRange(headerAndMac, end, headerAndMac.length));
    }

    /** What the body's stream is: it holds the envelope's own random id. */
    static byte[] streamInfo(EnvelopePlan plan, byte[] id) {
        return ByteBuffer.allocate(STREAM.length + 2 + id.length)
                .put(STREAM)
                .put(VERSION)
                .put((byte) plan.code())
                .put(id)
                .array();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}

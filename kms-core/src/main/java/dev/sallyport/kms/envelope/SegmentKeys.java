package dev.sallyport.kms.envelope;

import dev.sallyport.kms.crypto.AesGcm;
import dev.sallyport.kms.crypto.Kbkdf;
import dev.sallyport.kms.crypto.SecretBytes;
import java.nio.charset.StandardCharsets;

/** What sealing and opening share: the stream's key, and the nonces of its segments. */
final class SegmentKeys {
    static final byte[] NO_AAD = new byte[0];

    private static final byte[] LABEL = "sallyport/v1/segment-stream".getBytes(StandardCharsets.US_ASCII);
    private static final int COUNTER_OFFSET = AesGcm.NONCE_BYTES - 5;

    private SegmentKeys() {}

    static SecretBytes streamKey(SecretBytes dataKey, byte[] info) {
        if (dataKey.length() != AesGcm.KEY_BYTES) {
            throw new IllegalArgumentException("a data key has 32 bytes, not " + dataKey.length());
        }
        return Kbkdf.counterHmacSha256(dataKey, LABEL, info, AesGcm.KEY_BYTES);
    }

    /** Writes the nonce of a segment: seven zero bytes, its index in 32 bits, and 1 for the last segment, else 0. */
    static void nonce(byte[] nonce, long index, boolean last) {
        if (index < 0 || index >= SegmentLayout.MAX_SEGMENTS) {
            throw new IllegalStateException("a stream has at most 2^32 segments");
        }
        nonce[COUNTER_OFFSET] = (byte) (index >>> 24);
        nonce[COUNTER_OFFSET + 1] = (byte) (index >>> 16);
        nonce[COUNTER_OFFSET + 2] = (byte) (index >>> 8);
        nonce[COUNTER_OFFSET + 3] = (byte) index;
        nonce[COUNTER_OFFSET + 4] = (byte) (last ? 1 : 0);
    }

    /** Whether a segment may have that many bytes of plaintext: all are full but the last, and only the first is empty. */
    static boolean validLength(int length, long index, boolean last) {
        if (!last) {
            return length == SegmentLayout.SEGMENT_BYTES;
        }
        return length <= SegmentLayout.SEGMENT_BYTES && (length > 0 || (length == 0 && index == 0));
    }
}

package dev.sallyport.gateway.format;

import java.nio.ByteBuffer;

/**
 * The 32 bytes before the segments of a part of a multipart object. A reader knows them from the manifest and compares; they
 * let a part be told by itself.
 *
 * <pre>
 *   0  4  magic "SPph"      4  1  version      5  3  zero      8  4  part number     12  4  zero     16 16  part nonce
 * </pre>
 *
 * @param partNumber the client's number of the part, 1 to 10,000
 * @param nonce the part's nonce
 */
public record PartHeader(int partNumber, Id128 nonce) {
    /** Bytes of a part header. */
    public static final int LENGTH = 32;

    private static final int MAGIC = 0x53507068;

    public PartHeader {
        if (partNumber < 1 || partNumber > 10_000) {
            throw new IllegalArgumentException("part number " + partNumber);
        }
    }

    public byte[] encode() {
        ByteBuffer bytes = ByteBuffer.allocate(LENGTH);
        bytes.putInt(MAGIC).put((byte) ObjectKeys.VERSION).put((byte) 0).putShort((short) 0);
        bytes.putInt(partNumber).putInt(0);
        nonce.write(bytes);
        return bytes.array();
    }
}

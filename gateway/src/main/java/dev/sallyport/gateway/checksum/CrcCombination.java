package dev.sallyport.gateway.checksum;

import java.nio.ByteBuffer;
import java.util.Base64;

/**
 * The CRC of a whole from the CRCs of its pieces, without the bytes: crc(A‖B) = crc(A)·x<sup>8·|B|</sup> + crc(B), modulo the
 * polynomial. It holds for reflected CRCs whose initial value and final XOR are all ones, as those of S3 are.
 *
 * @see <a href="https://github.com/madler/zlib/blob/v1.3.1/crc32.c">crc32_combine of zlib</a>
 */
public final class CrcCombination {
    private final ChecksumAlgorithm algorithm;
    private final int width;
    private final long polynomial;
    private long crc;
    private boolean empty = true;

    /** @throws IllegalArgumentException for an algorithm that is no CRC */
    public CrcCombination(ChecksumAlgorithm algorithm) {
        this.algorithm = algorithm;
        width = algorithm.length() * 8;
        polynomial = switch (algorithm) {
            case CRC32 -> 0xEDB88320L;
            case CRC32C -> 0x82F63B78L;
            case CRC64NVME -> 0x9A6C9329AC4BC9B5L;
            case SHA1, SHA256 -> throw new IllegalArgumentException(algorithm + " is no CRC");
        };
    }

    /**
     * Adds the next piece.
     *
     * @param checksum base64 of the piece's CRC
     * @param length bytes of the piece
     */
    public void add(String checksum, long length) {
        byte[] bytes = Base64.getDecoder().decode(checksum);
        if (bytes.length * 8 != width) {
            throw new IllegalArgumentException("no " + algorithm + ": " + checksum);
        }
        long next = width == 32
                ? ByteBuffer.wrap(bytes).getInt() & 0xFFFFFFFFL
                : ByteBuffer.wrap(bytes).getLong();
        crc = empty ? next : multiply(power(length), crc) ^ next;
        empty = false;
    }

    /** Base64 of the whole's CRC. */
    public String value() {
        ByteBuffer bytes = ByteBuffer.allocate(width / 8);
        if (width == 32) {
            bytes.putInt((int) crc);
        } else {
            bytes.putLong(crc);
        }
        return Base64.getEncoder().encodeToString(bytes.array());
    }

    /** x<sup>8·bytes</sup>; the highest bit stands for x<sup>0</sup>. */
    private long power(long bytes) {
        long result = 1L << (width - 1);
        long square = 1L << (width - 1 - 8);
        for (long left = bytes; left > 0; left >>>= 1) {
            if ((left & 1) != 0) {
                result = multiply(square, result);
            }
            square = multiply(square, square);
        }
        return result;
    }

    private long multiply(long left, long right) {
        long product = 0;
        long factor = right;
        for (int bit = width - 1; bit >= 0; bit--) {
            if ((left >>> bit & 1) != 0) {
                product ^= factor;
            }
            factor = (factor & 1) == 0 ? factor >>> 1 : factor >>> 1 ^ polynomial;
        }
        return product;
    }
}

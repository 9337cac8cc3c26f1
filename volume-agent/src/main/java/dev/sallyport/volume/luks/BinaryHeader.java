package dev.sallyport.volume.luks;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The binary header, 4,096 bytes big-endian, in front of the JSON area; two copies of both lie at the start of the image.
 *
 * <pre>
 *   0   6  magic: "LUKS" BA BE, in the second copy "SKUL" BA BE     168  40  uuid, text
 *   6   2  version, 2                                               208  48  subsystem, text
 *   8   8  header size: 4,096 + the JSON area                       256   8  offset of this copy
 *  16   8  sequence id: the newer copy has the higher one           264 184  padding
 *  24  48  label, text                                              448  64  checksum
 *  72  32  checksum algorithm, text                                 512      padding to 4,096
 * 104  64  salt
 * </pre>
 *
 * The checksum covers the header, its own field as zeros, and the JSON area.
 *
 * @see <a href="https://gitlab.com/cryptsetup/LUKS2-docs">LUKS2 On-Disk Format Specification 1.1.x, section 2.1</a>
 */
public final class BinaryHeader {
    static final int SIZE = 4096;
    private static final byte[] MAGIC_1ST = {'L', 'U', 'K', 'S', (byte) 0xBA, (byte) 0xBE};
    private static final byte[] MAGIC_2ND = {'S', 'K', 'U', 'L', (byte) 0xBA, (byte) 0xBE};
    private static final int CHECKSUM_AT = 448;
    private static final int CHECKSUM_SIZE = 64;
    private static final SecureRandom RANDOM = new SecureRandom();

    final long headerSize;
    final long sequenceId;
    final String label;
    final String subsystem;
    final String uuid;

    BinaryHeader(long headerSize, long sequenceId, String label, String subsystem, String uuid) {
        if (label.getBytes(StandardCharsets.UTF_8).length > 47) {
            throw new LuksException("the label is over 47 bytes");
        }
        this.headerSize = headerSize;
        this.sequenceId = sequenceId;
        this.label = label;
        this.subsystem = subsystem;
        this.uuid = uuid;
    }

    /** Whether the bytes begin like a LUKS header of any version. */
    static boolean looksLikeLuks(byte[] bytes) {
        return startsWith(bytes, MAGIC_1ST) || startsWith(bytes, MAGIC_2ND);
    }

    /** Header size that a copy at {@code offset} claims; -1 when there is none, or one that cannot be. */
    static long claimedSize(byte[] header, long offset) {
        if (!startsWith(header, offset == 0 ? MAGIC_1ST : MAGIC_2ND)) {
            return -1;
        }
        ByteBuffer fields = ByteBuffer.wrap(header);
        long size = fields.getLong(8);
        return fields.getShort(6) == 2 && validSize(size) && fields.getLong(256) == offset ? size : -1;
    }

    /** The sizes that the format allows: 16 KiB to 4 MiB in powers of two. */
    static boolean validSize(long size) {
        return size >= 16384 && size <= 4L << 20 && Long.bitCount(size) == 1;
    }

    /** The fields of a whole copy (header and JSON area); null when its checksum does not fit. */
    static @Nullable BinaryHeader parse(byte[] copy, long offset) {
        long size = claimedSize(copy, offset);
        if (size != copy.length || !"sha256".equals(text(copy, 72, 32))) {
            return null;
        }
        byte[] checksum = Arrays.copyOfRange(copy, CHECKSUM_AT, CHECKSUM_AT + CHECKSUM_SIZE);
        byte[] blanked = copy.clone();
        Arrays.fill(blanked, CHECKSUM_AT, CHECKSUM_AT + CHECKSUM_SIZE, (byte) 0);
        if (!Arrays.equals(Arrays.copyOf(sha256(blanked), CHECKSUM_SIZE), checksum)) {
            return null;
        }
        return new BinaryHeader(
                size, ByteBuffer.wrap(copy).getLong(16), text(copy, 24, 48), text(copy, 208, 48), text(copy, 168, 40));
    }

    /** One copy: this header and the JSON area, zero-padded, with a fresh salt and its checksum. */
    byte[] write(byte[] json, long offset) {
        if (json.length >= headerSize - SIZE) {
            throw new LuksException("the metadata is over the header's " + (headerSize - SIZE) + " bytes");
        }
        ByteBuffer copy = ByteBuffer.allocate((int) headerSize);
        byte[] salt = new byte[64];
        RANDOM.nextBytes(salt);
        copy.put(offset == 0 ? MAGIC_1ST : MAGIC_2ND)
                .putShort((short) 2)
                .putLong(headerSize)
                .putLong(sequenceId);
        put(copy, 24, label);
        put(copy, 72, "sha256");
        copy.put(104, salt);
        put(copy, 168, uuid);
        put(copy, 208, subsystem);
        copy.putLong(256, offset);
        copy.put(SIZE, json);
        copy.put(CHECKSUM_AT, sha256(copy.array()));
        return copy.array();
    }

    private static boolean startsWith(byte[] bytes, byte[] magic) {
        return bytes.length >= SIZE && Arrays.equals(bytes, 0, magic.length, magic, 0, magic.length);
    }

    private static String text(byte[] bytes, int offset, int length) {
        int end = offset;
        while (end < offset + length && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, offset, end - offset, StandardCharsets.UTF_8);
    }

    private static void put(ByteBuffer copy, int offset, String text) {
        copy.put(offset, text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}

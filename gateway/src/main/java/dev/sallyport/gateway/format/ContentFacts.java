package dev.sallyport.gateway.format;

import dev.sallyport.gateway.checksum.ChecksumAlgorithm;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of an object's plaintext: it says something of the content, so it is kept sealed.
 *
 * @param checksums at most four
 * @param md5 32 lower-case hex digits: the ETag that an {@code AES256} object owes its clients; null when not known
 */
public record ContentFacts(
        List<Checksum> checksums, @Nullable String md5) {
    /** Nothing is known. */
    public static final ContentFacts NONE = new ContentFacts(List.of(), null);

    private static final int MAX_CHECKSUMS = 4;
    private static final int COMPOSITE = 0x10;
    private static final int MD5 = 0x20;
    private static final int MD5_LENGTH = 16;

    public ContentFacts {
        checksums = List.copyOf(checksums);
        if (checksums.size() > MAX_CHECKSUMS) {
            throw new IllegalArgumentException("at most " + MAX_CHECKSUMS + " checksums");
        }
    }

    /**
     * A checksum of the plaintext.
     *
     * @param composite whether it is the checksum of the parts' checksums
     * @param value base64
     */
    public record Checksum(ChecksumAlgorithm algorithm, boolean composite, String value) {
        public Checksum {
            if (Base64.getDecoder().decode(value).length != algorithm.length()) {
                throw new IllegalArgumentException("no " + algorithm + ": " + value);
            }
        }
    }

    /** Each fact as its kind in one byte and its value, whose length the kind gives. */
    byte[] encode() {
        ByteBuffer bytes = ByteBuffer.allocate(MAX_CHECKSUMS * 33 + 1 + MD5_LENGTH);
        for (Checksum checksum : checksums) {
            bytes.put((byte) (code(checksum.algorithm()) | (checksum.composite() ? COMPOSITE : 0)));
            bytes.put(Base64.getDecoder().decode(checksum.value()));
        }
        if (md5 != null) {
            bytes.put((byte) MD5).put(HexFormat.of().parseHex(md5));
        }
        byte[] encoded = new byte[bytes.position()];
        bytes.flip().get(encoded);
        return encoded;
    }

    /** Decodes up to the end, or to a zero byte, behind which all must be zero. */
    static ContentFacts decode(ByteBuffer bytes) {
        List<Checksum> checksums = new ArrayList<>();
        String md5 = null;
        while (bytes.hasRemaining()) {
            int kind = bytes.get() & 0xFF;
            if (kind == 0) {
                requireZeros(bytes);
            } else if (kind == MD5) {
                md5 = HexFormat.of().formatHex(take(bytes, MD5_LENGTH));
            } else {
                ChecksumAlgorithm algorithm = ofCode(kind & ~COMPOSITE);
                if (algorithm == null || checksums.size() == MAX_CHECKSUMS) {
                    throw new ForgedObjectException("unknown content fact " + kind);
                }
                String value = Base64.getEncoder().encodeToString(take(bytes, algorithm.length()));
                checksums.add(new Checksum(algorithm, (kind & COMPOSITE) != 0, value));
            }
        }
        return new ContentFacts(checksums, md5);
    }

    static void requireZeros(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            if (bytes.get() != 0) {
                throw new ForgedObjectException("padding that is not zero");
            }
        }
    }

    private static byte[] take(ByteBuffer bytes, int length) {
        if (bytes.remaining() < length) {
            throw new ForgedObjectException("content facts that end early");
        }
        byte[] value = new byte[length];
        bytes.get(value);
        return value;
    }

    /** An algorithm's number in the format; never changes. */
    static int code(ChecksumAlgorithm algorithm) {
        return switch (algorithm) {
            case CRC32 -> 1;
            case CRC32C -> 2;
            case CRC64NVME -> 3;
            case SHA1 -> 4;
            case SHA256 -> 5;
        };
    }

    static @Nullable ChecksumAlgorithm ofCode(int code) {
        return switch (code) {
            case 1 -> ChecksumAlgorithm.CRC32;
            case 2 -> ChecksumAlgorithm.CRC32C;
            case 3 -> ChecksumAlgorithm.CRC64NVME;
            case 4 -> ChecksumAlgorithm.SHA1;
            case 5 -> ChecksumAlgorithm.SHA256;
            default -> null;
        };
    }
}

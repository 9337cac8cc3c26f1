package dev.sallyport.gateway.checksum;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The checksum algorithms that the gateway verifies and keeps.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html">Checking
 *     object integrity</a>
 */
public enum ChecksumAlgorithm {
    CRC32(1, 4, true, true),
    CRC32C(2, 4, true, true),
    CRC64NVME(3, 8, false, true),
    SHA1(4, 20, true, false),
    SHA256(5, 32, true, false);

    private final int code;
    private final int length;
    private final boolean composite;
    private final boolean fullObject;

    ChecksumAlgorithm(int code, int length, boolean composite, boolean fullObject) {
        this.code = code;
        this.length = length;
        this.composite = composite;
        this.fullObject = fullObject;
    }

    /** The algorithm's number in the object format; never changes. */
    public int code() {
        return code;
    }

    /** Bytes of a checksum. */
    public int length() {
        return length;
    }

    /** Whether the checksum of a multipart upload may be one of its parts' checksums. */
    public boolean allowsComposite() {
        return composite;
    }

    /** Whether the checksum of a multipart upload may be one of the whole object. */
    public boolean allowsFullObject() {
        return fullObject;
    }

    /** The header and trailer that carries it, in lower case, such as {@code x-amz-checksum-crc32}. */
    public String headerName() {
        return "x-amz-checksum-" + name().toLowerCase(Locale.ROOT);
    }

    /** The element that carries it in XML, such as {@code ChecksumCRC32}. */
    public String elementName() {
        return "Checksum" + name();
    }

    /** By its name as {@code x-amz-checksum-algorithm} gives it, in any case; null for one that is not here. */
    public static @Nullable ChecksumAlgorithm ofName(String name) {
        for (ChecksumAlgorithm algorithm : values()) {
            if (algorithm.name().equalsIgnoreCase(name)) {
                return algorithm;
            }
        }
        return null;
    }

    /** By its header, in any case; null for any other header. */
    public static @Nullable ChecksumAlgorithm ofHeader(String header) {
        String prefix = "x-amz-checksum-";
        return header.regionMatches(true, 0, prefix, 0, prefix.length())
                ? ofName(header.substring(prefix.length()))
                : null;
    }

    /** By its number; null for an unknown one. */
    public static @Nullable ChecksumAlgorithm ofCode(int code) {
        for (ChecksumAlgorithm algorithm : values()) {
            if (algorithm.code == code) {
                return algorithm;
            }
        }
        return null;
    }
}

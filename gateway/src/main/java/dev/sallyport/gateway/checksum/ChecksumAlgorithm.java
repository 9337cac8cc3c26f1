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
    CRC32(4, true, true),
    CRC32C(4, true, true),
    CRC64NVME(8, false, true),
    SHA1(20, true, false),
    SHA256(32, true, false);

    private final int length;
    private final boolean composite;
    private final boolean fullObject;

    ChecksumAlgorithm(int length, boolean composite, boolean fullObject) {
        this.length = length;
        this.composite = composite;
        this.fullObject = fullObject;
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
    public String header() {
        return "x-amz-checksum-" + name().toLowerCase(Locale.ROOT);
    }

    /** The element that carries it in XML, such as {@code ChecksumCRC32}. */
    public String xmlName() {
        return "Checksum" + name();
    }

    /** By its name as {@code x-amz-checksum-algorithm} gives it, in any case; null for one that is not here. */
    public static @Nullable ChecksumAlgorithm byName(String name) {
        for (ChecksumAlgorithm algorithm : values()) {
            if (algorithm.name().equalsIgnoreCase(name)) {
                return algorithm;
            }
        }
        return null;
    }

    /** By its header, in any case; null for any other header. */
    public static @Nullable ChecksumAlgorithm byHeader(String header) {
        String prefix = "x-amz-checksum-";
        return header.regionMatches(true, 0, prefix, 0, prefix.length())
                ? byName(header.substring(prefix.length()))
                : null;
    }
}

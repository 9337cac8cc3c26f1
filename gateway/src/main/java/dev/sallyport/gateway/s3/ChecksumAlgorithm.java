package dev.sallyport.gateway.s3;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A checksum of an object's plaintext that clients send and ask for.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html">S3: object integrity</a>
 */
public enum ChecksumAlgorithm {
    CRC32(4),
    CRC32C(4),
    CRC64NVME(8),
    SHA1(20),
    SHA256(32);

    private final int length;

    ChecksumAlgorithm(int length) {
        this.length = length;
    }

    /** Length of the raw value in bytes. */
    public int length() {
        return length;
    }

    /** Such as {@code x-amz-checksum-crc32}. */
    public String header() {
        return "x-amz-checksum-" + name().toLowerCase(Locale.ROOT);
    }

    /** Such as {@code ChecksumCRC32}, as XML answers name it. */
    public String xmlName() {
        return "Checksum" + name();
    }

    /** By the name in {@code x-amz-checksum-algorithm}, without regard to case; null for another. */
    public static @Nullable ChecksumAlgorithm byName(String name) {
        for (ChecksumAlgorithm algorithm : values()) {
            if (algorithm.name().equalsIgnoreCase(name)) {
                return algorithm;
            }
        }
        return null;
    }

    /** By its header's name in lower case; null for another. */
    public static @Nullable ChecksumAlgorithm byHeader(String header) {
        for (ChecksumAlgorithm algorithm : values()) {
            if (algorithm.header().equals(header)) {
                return algorithm;
            }
        }
        return null;
    }
}

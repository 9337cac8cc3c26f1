package dev.sallyport.gateway.s3;

import dev.sallyport.gateway.checksum.ChecksumAlgorithm;
import org.jspecify.annotations.Nullable;

/**
 * What a request says of its payload, for the operation to verify.
 *
 * @param contentMd5 base64 of sixteen bytes, from {@code Content-MD5}; null when not sent
 * @param algorithm the checksum that was sent, or is announced as a trailer; null for none
 * @param value base64 of the algorithm's length, from the header; null when it comes as a trailer, or there is none
 */
public record PayloadDigests(
        @Nullable String contentMd5,
        @Nullable ChecksumAlgorithm algorithm,
        @Nullable String value) {
    public static final PayloadDigests NONE = new PayloadDigests(null, null, null);

    public PayloadDigests {
        if (value != null && algorithm == null) {
            throw new IllegalArgumentException("a checksum without its algorithm");
        }
    }

    /** Whether the value comes after the payload. */
    public boolean trailing() {
        return algorithm != null && value == null;
    }
}

package dev.sallyport.gateway.format;

import org.jspecify.annotations.Nullable;

/**
 * A part of a multipart object, in the order of the object.
 *
 * @param partNumber the client's number of the part, 1 to 10,000
 * @param nonce the nonce of its stream
 * @param length bytes of plaintext
 * @param checksum base64, of the manifest's algorithm; null when the manifest has none
 */
public record ManifestEntry(
        int partNumber, Id128 nonce, long length, @Nullable String checksum) {
    /** The most that an entry takes in the manifest. */
    public static final int MAX_ENCODED_LENGTH = 2 + 8 + Id128.LENGTH + 32;

    public ManifestEntry {
        if (partNumber < 1 || partNumber > 10_000 || length < 0 || length > SizeFormula.MAX_STORE_PUT) {
            throw new IllegalArgumentException("part " + partNumber + " of " + length + " bytes");
        }
    }

    /** Bytes that the part takes in the store. */
    public long storedLength() {
        return PartHeader.LENGTH + SizeFormula.segmentsSize(length);
    }
}

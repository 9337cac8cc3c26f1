package dev.sallyport.volume.luks;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Where the data of an image lies, and in which sectors.
 *
 * @param dataOffset of the first sector in the image, in bytes
 * @param sectorSize 512, 1024, 2048 or 4096 bytes
 * @param keyBytes both halves of the XTS key: 32 or 64
 * @param fixedSize of the data in bytes; -1 when it reaches to the end of the image ({@code dynamic})
 */
public record Geometry(long dataOffset, int sectorSize, int keyBytes, long fixedSize) {
    /** Reads and allow-lists the one crypt segment; {@code keyBytes} comes from what the KMS or a keyslot gives. */
    static Geometry of(ObjectNode segment, int keyBytes) {
        if (!"crypt".equals(segment.path("type").asText())) {
            throw new LuksException("the segment is not of type crypt");
        }
        if (segment.has("integrity")) {
            throw new LuksException("images with dm-integrity are not supported");
        }
        String encryption = segment.path("encryption").asText();
        if (!"aes-xts-plain64".equals(encryption)) {
            throw new LuksException(
                    "cipher '" + Json.printable(encryption) + "' is not supported: only aes-xts-plain64");
        }
        if (!segment.path("flags").isMissingNode()) {
            throw new LuksException("the segment has flags that are not supported");
        }
        int sectorSize = Json.integer(segment, "sector_size");
        if (sectorSize < 512 || sectorSize > 4096 || Integer.bitCount(sectorSize) != 1) {
            throw new LuksException("sector size " + sectorSize + " is not supported");
        }
        if (Json.number(segment, "iv_tweak") != 0) {
            throw new LuksException("an iv_tweak other than 0 is not supported");
        }
        long offset = Json.number(segment, "offset");
        if (offset < 32768 || offset % 4096 != 0) {
            throw new LuksException("the data offset " + offset + " is out of bounds");
        }
        boolean dynamic = "dynamic".equals(segment.path("size").asText());
        long size = dynamic ? -1 : Json.number(segment, "size");
        if (!dynamic && size % sectorSize != 0) {
            throw new LuksException("the segment's size is not whole sectors");
        }
        return new Geometry(offset, sectorSize, keyBytes, size);
    }
}

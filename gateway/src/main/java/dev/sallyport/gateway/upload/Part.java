package dev.sallyport.gateway.upload;

import dev.sallyport.gateway.format.Id128;
import dev.sallyport.gateway.format.PartHeader;
import dev.sallyport.gateway.format.SizeFormula;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A part that the store has.
 *
 * @param number 1 to 10,000
 * @param etag as the client was shown it, without quotes
 * @param size bytes of plaintext
 * @param nonce of its stream
 * @param facts its checksum, sealed, in base64
 * @param staged its key in the staging bucket; null for a part of the store's upload
 */
record Part(
        int number,
        String etag,
        long size,
        Id128 nonce,
        String facts,
        @Nullable String staged,
        Instant modified) {
    Part {
        if (number < 1 || number > SizeFormula.LAST_PART_NUMBER || size < 0) {
            throw new IllegalArgumentException("part " + number + " of " + size + " bytes");
        }
    }

    /** Bytes that it takes in the store. */
    long storedLength() {
        return storedLength(size);
    }

    static long storedLength(long size) {
        return PartHeader.LENGTH + SizeFormula.segmentsSize(size);
    }

    /** Whether a part of this number and size waits in the staging bucket. */
    static boolean waits(int number, long size) {
        return size < SizeFormula.MIN_PART || number == SizeFormula.LAST_PART_NUMBER;
    }

    /** The longest part of this number: what is left of the store's 5 GiB; part 10,000 shares its store part with the tail. */
    static long maxSize(int number) {
        long reserve = number == SizeFormula.LAST_PART_NUMBER ? SizeFormula.tailReserve(Long.MAX_VALUE) : 0;
        long room = SizeFormula.MAX_STORE_PUT - PartHeader.LENGTH - reserve;
        long segment = SizeFormula.SEGMENT + SizeFormula.TAG;
        long rest = room % segment;
        return room / segment * SizeFormula.SEGMENT + Math.max(0, rest - SizeFormula.TAG);
    }
}

package dev.sallyport.gateway.format;

import dev.sallyport.kms.envelope.SegmentLayout;
import dev.sallyport.kms.envelope.SegmentRange;
import java.util.ArrayList;
import java.util.List;

/**
 * Which bytes of the store give which plaintext: a run of stored bytes, and what it consists of, in order.
 *
 * @param first offset of the first stored byte
 * @param storedLength stored bytes, at least 1
 * @param plainFirst offset in the object of the first byte of plaintext
 * @param plainLength bytes of plaintext
 * @param pieces streams or ranges of streams, in order
 * @param tailLength bytes of the tail behind them; 0 when it is not part of the run
 */
public record Reading(
        long first, long storedLength, long plainFirst, long plainLength, List<Piece> pieces, int tailLength) {
    public Reading {
        pieces = List.copyOf(pieces);
    }

    /**
     * Some whole segments of one stream.
     *
     * @param partNumber 0 in the single layout
     * @param nonce of the stream
     * @param header whether the part's header comes before the segments
     * @param streamLength bytes of plaintext of the whole stream
     * @param range its segments, and what of their plaintext is wanted
     */
    public record Piece(int partNumber, Id128 nonce, boolean header, long streamLength, SegmentRange range) {}

    /** Offset of the last stored byte. */
    public long last() {
        return first + storedLength - 1;
    }

    /** The whole of a single object, with its tail. */
    public static Reading wholeSingle(Id128 nonce, long length) {
        long segments = SizeFormula.segmentsSize(length);
        int tail = Math.toIntExact(SizeFormula.storedSize(length) - segments);
        Piece piece = new Piece(0, nonce, false, length, SegmentLayout.whole(length));
        return new Reading(0, segments + tail, 0, length, List.of(piece), tail);
    }

    /** Bytes {@code from} to {@code to}, both included, of a single object. */
    public static Reading rangeOfSingle(Id128 nonce, long length, long from, long to) {
        SegmentRange range = SegmentLayout.range(length, from, to);
        Piece piece = new Piece(0, nonce, false, length, range);
        return new Reading(range.sealedFirst(), range.sealedLength(), from, to - from + 1, List.of(piece), 0);
    }

    /** The whole of a multipart object without its tail, which was read already. */
    public static Reading wholeMultipart(Manifest manifest) {
        List<Piece> pieces = new ArrayList<>();
        for (ManifestEntry part : manifest.parts()) {
            pieces.add(wholePart(part));
        }
        return new Reading(0, manifest.partsLength(), 0, manifest.length(), pieces, 0);
    }

    /** One part of a multipart object, header included. */
    public static Reading part(Manifest manifest, int index) {
        long stored = 0;
        long plain = 0;
        for (ManifestEntry before : manifest.parts().subList(0, index)) {
            stored += before.storedLength();
            plain += before.length();
        }
        ManifestEntry part = manifest.parts().get(index);
        return new Reading(stored, part.storedLength(), plain, part.length(), List.of(wholePart(part)), 0);
    }

    /** Bytes {@code from} to {@code to}, both included, of a multipart object. */
    public static Reading rangeOfMultipart(Manifest manifest, long from, long to) {
        if (from < 0 || from > to || to >= manifest.length()) {
            throw new IllegalArgumentException("no bytes " + from + "-" + to);
        }
        List<Piece> pieces = new ArrayList<>();
        long plain = 0;
        long stored = 0;
        long first = -1;
        long end = 0;
        for (ManifestEntry part : manifest.parts()) {
            long partEnd = plain + part.length();
            if (partEnd > from && plain <= to && part.length() > 0) {
                SegmentRange range = SegmentLayout.range(
                        part.length(), Math.max(0, from - plain), Math.min(part.length() - 1, to - plain));
                boolean header = first >= 0;
                if (!header) {
                    first = stored + PartHeader.LENGTH + range.sealedFirst();
                }
                end = stored + PartHeader.LENGTH + range.sealedLast() + 1;
                pieces.add(new Piece(part.partNumber(), part.nonce(), header, part.length(), range));
            }
            plain = partEnd;
            stored += part.storedLength();
        }
        return new Reading(first, end - first, from, to - from + 1, pieces, 0);
    }

    private static Piece wholePart(ManifestEntry part) {
        return new Piece(part.partNumber(), part.nonce(), true, part.length(), SegmentLayout.whole(part.length()));
    }
}

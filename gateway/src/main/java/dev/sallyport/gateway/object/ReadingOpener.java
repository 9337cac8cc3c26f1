package dev.sallyport.gateway.object;

import dev.sallyport.gateway.format.ForgedObjectException;
import dev.sallyport.gateway.format.ObjectKeys;
import dev.sallyport.gateway.format.PartHeader;
import dev.sallyport.gateway.format.Reading;
import dev.sallyport.gateway.format.SizeFormula;
import dev.sallyport.gateway.format.Tail;
import dev.sallyport.kms.crypto.AuthenticationFailedException;
import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.kms.envelope.Opener;
import dev.sallyport.kms.envelope.SegmentLayout;
import dev.sallyport.kms.envelope.SegmentRange;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Opens stored bytes, piece by piece as a {@link Reading} says, and gives out plaintext that has been authenticated. With a
 * tail in the reading, the last segment's plaintext is kept back until the tail has authenticated too. Not thread-safe.
 */
final class ReadingOpener implements AutoCloseable {
    /** Takes plaintext; the array is reused after the call. */
    interface Output {
        void accept(byte[] bytes, int offset, int length);
    }

    private enum Unit {
        HEADER,
        SEGMENT,
        TAIL,
        DONE
    }

    private final Reading reading;
    private final SecretBytes dataKey;
    private final ObjectKeys keys;
    private final Iterator<Reading.Piece> pieces;
    private byte[] sealed = new byte[0];
    private byte[] plain = new byte[0];
    private int filled;
    private int needed;
    private Unit unit = Unit.DONE;
    private Reading.@Nullable Piece piece;
    private @Nullable Opener opener;
    private long segment;
    private long left;
    private int heldOffset;
    private int heldLength;

    /** @param dataKey the caller keeps and closes it, after this */
    ReadingOpener(Reading reading, ObjectKeys keys, SecretBytes dataKey) {
        this.reading = reading;
        this.dataKey = dataKey;
        this.keys = keys;
        this.pieces = reading.pieces().iterator();
        nextPiece();
    }

    /** Whether all of the reading has been given out. */
    boolean done() {
        return unit == Unit.DONE;
    }

    /**
     * Takes what it needs of {@code data}; what comes after the reading's end is left.
     *
     * @throws ForgedObjectException when something does not authenticate
     */
    void accept(ByteBuf data, Output output) {
        while (unit != Unit.DONE && data.isReadable()) {
            int count = Math.min(needed - filled, data.readableBytes());
            data.readBytes(sealed, filled, count);
            filled += count;
            if (filled == needed) {
                filled = 0;
                finishUnit(output);
            }
        }
    }

    private void finishUnit(Output output) {
        switch (unit) {
            case HEADER -> {
                Reading.Piece current = current();
                byte[] expected = new PartHeader(current.partNumber(), current.nonce()).encode();
                if (!Arrays.equals(expected, 0, needed, sealed, 0, needed)) {
                    throw forged("the header of part " + current.partNumber());
                }
                beginSegment();
            }
            case SEGMENT -> finishSegment(output);
            case TAIL -> {
                Tail.openFacts(dataKey, keys, Arrays.copyOf(sealed, needed));
                output.accept(plain, heldOffset, heldLength);
                unit = Unit.DONE;
            }
            case DONE -> throw new IllegalStateException("nothing is expected any more");
        }
    }

    private void finishSegment(Output output) {
        Reading.Piece current = current();
        SegmentRange range = current.range();
        boolean last = segment == SegmentLayout.segmentCount(current.streamLength()) - 1;
        int length;
        try {
            length = opener().open(sealed, 0, needed, segment, last, plain, 0);
        } catch (AuthenticationFailedException e) {
            throw forged("segment " + segment + " of part " + current.partNumber());
        }
        int skip = segment == range.firstSegment() ? range.skip() : 0;
        int count = (int) Math.min(left, length - skip);
        left -= count;
        boolean end = segment == range.lastSegment();
        if (end && !pieces.hasNext() && reading.tailLength() > 0) {
            heldOffset = skip;
            heldLength = count;
            expect(Unit.TAIL, reading.tailLength());
            return;
        }
        output.accept(plain, skip, count);
        if (end) {
            nextPiece();
        } else {
            segment++;
            expectSegment();
        }
    }

    private void nextPiece() {
        closeOpener();
        if (!pieces.hasNext()) {
            unit = Unit.DONE;
            return;
        }
        Reading.Piece next = pieces.next();
        piece = next;
        segment = next.range().firstSegment();
        left = next.range().length();
        if (next.header()) {
            expect(Unit.HEADER, PartHeader.LENGTH);
        } else {
            beginSegment();
        }
    }

    private void beginSegment() {
        Reading.Piece current = current();
        opener = keys.opener(dataKey, current.partNumber(), current.nonce());
        expectSegment();
    }

    private void expectSegment() {
        int length = SegmentLayout.segmentLength(current().streamLength(), segment);
        if (plain.length < length) {
            plain = new byte[length];
        }
        expect(Unit.SEGMENT, length + SizeFormula.TAG);
    }

    private void expect(Unit next, int length) {
        unit = next;
        needed = length;
        if (sealed.length < length) {
            sealed = new byte[length];
        }
    }

    private Reading.Piece current() {
        Reading.Piece current = piece;
        if (current == null) {
            throw new IllegalStateException("no piece");
        }
        return current;
    }

    private Opener opener() {
        Opener current = opener;
        if (current == null) {
            throw new IllegalStateException("no stream is open");
        }
        return current;
    }

    private ForgedObjectException forged(String what) {
        return new ForgedObjectException(what + " of object " + keys.objectId() + " does not authenticate");
    }

    private void closeOpener() {
        Opener current = opener;
        opener = null;
        if (current != null) {
            current.close();
        }
    }

    @Override
    public void close() {
        unit = Unit.DONE;
        closeOpener();
        Arrays.fill(plain, (byte) 0);
    }
}

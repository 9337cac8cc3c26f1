package dev.sallyport.kms.envelope;

import dev.sallyport.kms.crypto.AuthenticationFailedException;
import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.kms.envelope.EnvelopeException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Objects;

/**
 * The plaintext of an envelope. Every byte that it gives is authenticated; that they were all is known only when it has come
 * to its end: an envelope that was cut short, extended or altered makes a read fail with {@link EnvelopeException}, and every
 * later one. For one thread at a time. Closing wipes the keys and closes the envelope's stream.
 */
public final class EnvelopeInputStream extends InputStream {
    private final EnvelopeHeader header;
    private final InputStream envelope;
    private final SegmentOpener opener;
    private final byte[] sealed;
    private final byte[] clear;
    private final int full;

    private long index;
    private int held;
    private int position;
    private int limit;
    private boolean ended;
    private boolean failed;

    EnvelopeInputStream(EnvelopeHeader header, SecretBytes dataKey, InputStream envelope) {
        this.header = header;
        this.envelope = envelope;
        EnvelopePlan plan = header.plan();
        opener = plan.opener(dataKey, EnvelopeKeys.streamInfo(plan, header.rawId()));
        full = plan.segmentBytes() + plan.tagBytes();
        // One byte more than a segment, since only what follows tells whether it is the last.
        sealed = new byte[full + 1];
        clear = new byte[plan.segmentBytes()];
    }

    /** The header, authenticated. */
    public EnvelopeHeader header() {
        return header;
    }

    @Override
    public int read() throws IOException {
        return ready() ? clear[position++] & 0xff : -1;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        }
        if (!ready()) {
            return -1;
        }
        int count = Math.min(length, limit - position);
        System.arraycopy(clear, position, into, offset, count);
        position += count;
        return count;
    }

    @Override
    public int available() {
        return limit - position;
    }

    /** Sees to it that there are bytes to give; false at the end. */
    private boolean ready() throws IOException {
        if (failed) {
            throw altered();
        }
        while (position == limit) {
            if (ended) {
                return false;
            }
            next();
        }
        return true;
    }

    private void next() throws IOException {
        int count = held + envelope.readNBytes(sealed, held, sealed.length - held);
        boolean last = count <= full;
        if (index == SegmentLayout.MAX_SEGMENTS) {
            failed = true;
            throw altered();
        }
        try {
            limit = opener.open(sealed, 0, last ? count : full, index, last, clear, 0);
        } catch (AuthenticationFailedException e) {
            failed = true;
            limit = 0;
            position = 0;
            throw altered();
        }
        position = 0;
        sealed[0] = sealed[full];
        held = 1;
        index++;
        ended = last;
    }

    private EnvelopeException altered() {
        return new EnvelopeException(
                Reason.ALTERED,
                "the envelope is cut short or was altered: its segment " + index + " does not authenticate");
    }

    @Override
    public void close() throws IOException {
        Arrays.fill(clear, (byte) 0);
        position = 0;
        limit = 0;
        failed = true;
        opener.close();
        envelope.close();
    }
}

package dev.sallyport.gateway.format;

import dev.sallyport.kms.crypto.SecretBytes;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The end of an object that is not empty: one sealed message, padded with zeros inside so that the object has the size that
 * its length demands, and the {@link Footer}. The message is the content facts of a single object, the {@link Manifest} of a
 * multipart one.
 */
public final class Tail {
    /** What the tail takes beyond its message. */
    public static final int OVERHEAD = SizeFormula.TAG + Footer.LENGTH;

    private Tail() {}

    /**
     * Makes a tail of exactly {@code tailLength} bytes.
     *
     * @throws IllegalArgumentException when the message does not fit
     */
    public static byte[] seal(SecretBytes dataKey, ObjectKeys keys, Layout layout, byte[] message, long tailLength) {
        if (tailLength < message.length + OVERHEAD || tailLength > Integer.MAX_VALUE / 2) {
            throw new IllegalArgumentException("a message of " + message.length + " bytes in a tail of " + tailLength);
        }
        Footer footer = new Footer(layout, (int) tailLength - Footer.LENGTH, Id128.random());
        byte[] padded = Arrays.copyOf(message, footer.sealedLength() - SizeFormula.TAG);
        byte[] aad = footer.encode();
        byte[] sealed = keys.seal(dataKey, ObjectKeys.Purpose.TAIL, footer.nonce(), aad, padded);
        byte[] tail = Arrays.copyOf(sealed, (int) tailLength);
        System.arraycopy(aad, 0, tail, sealed.length, aad.length);
        return tail;
    }

    /**
     * Opens a tail: the message and its padding.
     *
     * @param tail all of it: sealed message and footer
     * @throws ForgedObjectException when it is not that of this object and layout
     */
    public static ByteBuffer open(SecretBytes dataKey, ObjectKeys keys, Layout layout, byte[] tail) {
        Footer footer = Footer.decode(tail);
        if (footer.layout() != layout || footer.tailLength() != tail.length) {
            throw new ForgedObjectException("a tail of " + tail.length + " bytes that does not fit its object");
        }
        byte[] sealed = Arrays.copyOf(tail, footer.sealedLength());
        return ByteBuffer.wrap(keys.open(dataKey, ObjectKeys.Purpose.TAIL, footer.nonce(), footer.encode(), sealed));
    }

    /** The tail of a single object of {@code length} bytes. */
    public static byte[] sealFacts(SecretBytes dataKey, ObjectKeys keys, ContentFacts facts, long length) {
        return seal(dataKey, keys, Layout.SINGLE, facts.encode(), SizeFormula.tailReserve(length));
    }

    /** The content facts in the tail of a single object. */
    public static ContentFacts openFacts(SecretBytes dataKey, ObjectKeys keys, byte[] tail) {
        return ContentFacts.decode(open(dataKey, keys, Layout.SINGLE, tail));
    }
}

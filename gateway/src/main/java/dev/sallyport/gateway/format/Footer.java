package dev.sallyport.gateway.format;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The last 32 bytes of an object that is not empty, in the clear, and authenticated with the message before it:
 *
 * <pre>
 *   0  4  magic "SPft"      4  1  version      5  1  layout      6  2  zero
 *   8  4  length of the sealed message, tag included            12  4  zero
 *  16 16  the message's nonce
 * </pre>
 *
 * @param layout of the object
 * @param sealedLength bytes of the sealed message before the footer
 * @param nonce fresh for every attempt
 */
public record Footer(Layout layout, int sealedLength, Id128 nonce) {
    /** Bytes of a footer. */
    public static final int LENGTH = 32;

    private static final int MAGIC = 0x53506674;

    public Footer {
        if (layout == Layout.EMPTY || sealedLength < SizeFormula.TAG) {
            throw new IllegalArgumentException("no footer of " + layout + " with " + sealedLength + " bytes");
        }
    }

    byte[] encode() {
        ByteBuffer bytes = ByteBuffer.allocate(LENGTH);
        bytes.putInt(MAGIC)
                .put((byte) ObjectKeys.VERSION)
                .put((byte) layout.code())
                .putShort((short) 0);
        bytes.putInt(sealedLength).putInt(0);
        nonce.write(bytes);
        return bytes.array();
    }

    /**
     * Reads the footer at the end of {@code bytes}.
     *
     * @throws ForgedObjectException when there is none
     */
    public static Footer decode(byte[] bytes) {
        if (bytes.length < LENGTH) {
            throw new ForgedObjectException("no room for a footer in " + bytes.length + " bytes");
        }
        ByteBuffer from = ByteBuffer.wrap(bytes, bytes.length - LENGTH, LENGTH);
        int magic = from.getInt();
        int version = from.get();
        Layout layout = Layout.ofCode(from.get());
        int zero = from.getShort();
        int sealedLength = from.getInt();
        zero |= from.getInt();
        if (magic != MAGIC || version != ObjectKeys.VERSION || layout == null || layout == Layout.EMPTY || zero != 0) {
            throw new ForgedObjectException("no footer of this format");
        }
        if (sealedLength < SizeFormula.TAG || sealedLength > SizeFormula.tailReserve(Long.MAX_VALUE / 2)) {
            throw new ForgedObjectException("a footer that names " + sealedLength + " bytes");
        }
        Footer footer = new Footer(layout, sealedLength, Id128.read(from));
        byte[] own = Arrays.copyOfRange(bytes, bytes.length - LENGTH, bytes.length);
        if (!Arrays.equals(footer.encode(), own)) {
            throw new ForgedObjectException("a footer with unused bits set");
        }
        return footer;
    }

    /** Bytes of message and footer. */
    public int tailLength() {
        return sealedLength + LENGTH;
    }
}

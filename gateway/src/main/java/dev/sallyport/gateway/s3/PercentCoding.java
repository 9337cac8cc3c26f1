package dev.sallyport.gateway.s3;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Percent-encoding of RFC 3986, over strict UTF-8. */
public final class PercentCoding {
    private static final String HEX = "0123456789ABCDEF";

    private PercentCoding() {}

    /**
     * Decodes; null for a truncated or wrong escape, a character outside ASCII that was not escaped, or bytes that are no
     * UTF-8.
     *
     * @param plusIsSpace as in a query string
     */
    public static @Nullable String decode(String raw, boolean plusIsSpace) {
        byte[] bytes = new byte[raw.length()];
        int length = 0;
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '%') {
                if (i + 2 >= raw.length()) {
                    return null;
                }
                int high = hexDigit(raw.charAt(i + 1));
                int low = hexDigit(raw.charAt(i + 2));
                if (high < 0 || low < 0) {
                    return null;
                }
                bytes[length++] = (byte) (high << 4 | low);
                i += 2;
            } else if (c > 0xff) {
                return null;
            } else {
                // A raw byte beyond ASCII came through the HTTP decoder as Latin-1; it must still be part of valid
                // UTF-8.
                bytes[length++] = (byte) (c == '+' && plusIsSpace ? ' ' : c);
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, 0, length))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    private static int hexDigit(char c) {
        return c < 0x80 ? Character.digit(c, 16) : -1;
    }

    /**
     * Encodes as AWS does for {@code encoding-type=url}: everything but letters, digits, {@code -_.*} and {@code /}; a space
     * is {@code +}.
     */
    public static String encodeForListing(String text) {
        return encode(text, "-_.*/", true);
    }

    /** Encodes everything but the unreserved characters of RFC 3986 and {@code /}. */
    public static String encodePath(String text) {
        return encode(text, "-_.~/", false);
    }

    private static String encode(String text, String kept, boolean spaceIsPlus) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            int c = b & 0xff;
            if (isAlphanumeric(c) || kept.indexOf(c) >= 0) {
                out.append((char) c);
            } else if (c == ' ' && spaceIsPlus) {
                out.append('+');
            } else {
                out.append('%').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
            }
        }
        return out.toString();
    }

    private static boolean isAlphanumeric(int c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }
}

package dev.sallyport.gateway.auth;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Percent-encoding as SigV4 canonicalises it: everything but RFC 3986's unreserved characters, in upper-case hex. */
final class UriText {
    private static final char[] HEX = "0123456789ABCDEF".toCharArray();

    private UriText() {}

    /**
     * Encodes the bytes of an already decoded string; {@code /} stays where {@code keepSlash}.
     */
    static String encode(byte[] bytes, boolean keepSlash) {
        StringBuilder out = new StringBuilder(bytes.length + 16);
        for (byte b : bytes) {
            int c = b & 0xff;
            if (unreserved(c) || (keepSlash && c == '/')) {
                out.append((char) c);
            } else {
                out.append('%').append(HEX[c >> 4]).append(HEX[c & 15]);
            }
        }
        return out.toString();
    }

    static String encode(String text, boolean keepSlash) {
        return encode(text.getBytes(StandardCharsets.UTF_8), keepSlash);
    }

    /**
     * The bytes that a percent-encoded string stands for.
     *
     * @throws IllegalArgumentException for a {@code %} without two hex digits
     */
    static byte[] decode(String raw, boolean plusIsSpace) {
        byte[] in = raw.getBytes(StandardCharsets.UTF_8);
        byte[] out = new byte[in.length];
        int n = 0;
        for (int i = 0; i < in.length; i++) {
            byte b = in[i];
            if (b == '%') {
                if (i + 2 >= in.length) {
                    throw new IllegalArgumentException("bad percent-encoding");
                }
                int high = Character.digit(in[i + 1], 16);
                int low = Character.digit(in[i + 2], 16);
                if (high < 0 || low < 0) {
                    throw new IllegalArgumentException("bad percent-encoding");
                }
                out[n++] = (byte) (high << 4 | low);
                i += 2;
            } else {
                out[n++] = plusIsSpace && b == '+' ? (byte) ' ' : b;
            }
        }
        return java.util.Arrays.copyOf(out, n);
    }

    /** The same as text in UTF-8, as a query has it. */
    static String decodeToString(String raw) {
        return new String(decode(raw, true), StandardCharsets.UTF_8);
    }

    /** Decoded and encoded anew, so that every spelling of one path signs alike: S3's single encoding, nothing normalised. */
    static String canonicalS3Path(String rawPath) {
        String path = encode(decode(rawPath, false), true);
        return path.isEmpty() ? "/" : path;
    }

    /** What all other services sign: dot segments and empty segments removed, then each segment encoded once more. */
    static String canonicalServicePath(String rawPath) {
        List<String> kept = new ArrayList<>();
        for (String segment : rawPath.split("/", -1)) {
            switch (segment) {
                case "", "." -> {}
                case ".." -> {
                    if (!kept.isEmpty()) {
                        kept.removeLast();
                    }
                }
                default -> kept.add(encode(segment, false));
            }
        }
        String path = "/" + String.join("/", kept);
        return rawPath.endsWith("/") && !kept.isEmpty() ? path + "/" : path;
    }

    /** Pairs sorted by encoded name, then by encoded value; a name without {@code =} gets one; {@code +} is a blank. Without {@code dropped}. */
    static String canonicalQuery(String rawQuery, String dropped) {
        if (rawQuery.isEmpty()) {
            return "";
        }
        record Pair(String name, String value) {}
        List<Pair> pairs = new ArrayList<>();
        for (String piece : rawQuery.split("&", -1)) {
            if (piece.isEmpty()) {
                continue;
            }
            int eq = piece.indexOf('=');
            String name = encode(decode(eq < 0 ? piece : piece.substring(0, eq), true), false);
            String value = eq < 0 ? "" : encode(decode(piece.substring(eq + 1), true), false);
            if (!name.equals(dropped)) {
                pairs.add(new Pair(name, value));
            }
        }
        pairs.sort(Comparator.comparing(Pair::name).thenComparing(Pair::value));
        StringBuilder out = new StringBuilder();
        for (Pair pair : pairs) {
            if (!out.isEmpty()) {
                out.append('&');
            }
            out.append(pair.name).append('=').append(pair.value);
        }
        return out.toString();
    }

    private static boolean unreserved(int c) {
        return (c >= 'A' && c <= 'Z')
                || (c >= 'a' && c <= 'z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || c == '_'
                || c == '.'
                || c == '~';
    }
}

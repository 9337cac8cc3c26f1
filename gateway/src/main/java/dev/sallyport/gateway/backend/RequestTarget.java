package dev.sallyport.gateway.backend;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Path and query of a request to the store, percent-encoded as SigV4 wants them, so that nothing is ever normalised. */
final class RequestTarget {
    private static final char[] HEX = "0123456789ABCDEF".toCharArray();

    private RequestTarget() {}

    static String path(boolean pathStyle, @Nullable String bucket, @Nullable String key) {
        StringBuilder path = new StringBuilder("/");
        if (bucket != null && pathStyle) {
            encode(path, bucket, false);
            if (key != null) {
                path.append('/');
            }
        }
        if (key != null) {
            encode(path, key, true);
        }
        return path.toString();
    }

    static String query(List<BackendRequest.QueryPair> pairs) {
        StringBuilder query = new StringBuilder();
        for (BackendRequest.QueryPair pair : pairs) {
            if (!query.isEmpty()) {
                query.append('&');
            }
            encode(query, pair.name(), false);
            query.append('=');
            encode(query, pair.value(), false);
        }
        return query.toString();
    }

    private static void encode(StringBuilder out, String text, boolean keepSlash) {
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xFF);
            boolean plain = (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || c == '-'
                    || c == '.'
                    || c == '_'
                    || c == '~'
                    || (keepSlash && c == '/');
            if (plain) {
                out.append(c);
            } else {
                out.append('%').append(HEX[c >> 4]).append(HEX[c & 15]);
            }
        }
    }
}

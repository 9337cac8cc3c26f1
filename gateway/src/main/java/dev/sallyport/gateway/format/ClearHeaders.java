package dev.sallyport.gateway.format;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The headers of an object that the store keeps in the clear and that the metadata's MAC covers: some content headers, and
 * the client's own metadata. Values without white space around them; an empty value is the same as none, since stores drop
 * it. The content type without white space and in lower case, since one store (a Java server) rewrites it so.
 */
public final class ClearHeaders {
    /** Before the names of user metadata. */
    public static final String USER_PREFIX = "x-amz-meta-";

    private static final Set<String> CONTENT = Set.of(
            "content-type",
            "cache-control",
            "content-disposition",
            "content-encoding",
            "content-language",
            "x-amz-website-redirect-location");

    private ClearHeaders() {}

    /** Those of {@code headers} that are covered, by lower-case name. */
    public static Map<String, String> of(Iterable<Map.Entry<String, String>> headers) {
        Map<String, String> covered = new TreeMap<>();
        for (Map.Entry<String, String> header : headers) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            boolean user = name.startsWith(USER_PREFIX) && !name.equals(ObjectMetadata.HEADER);
            if (user || CONTENT.contains(name)) {
                String value = header.getValue().strip();
                if (name.equals("content-type")) {
                    value = value.replaceAll("\\s", "").toLowerCase(Locale.ROOT);
                }
                if (!value.isEmpty()) {
                    covered.merge(name, value, (first, second) -> first + "," + second);
                }
            }
        }
        return covered;
    }
}

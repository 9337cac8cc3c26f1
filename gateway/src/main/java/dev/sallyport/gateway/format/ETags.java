package dev.sallyport.gateway.format;

/**
 * The bijection between the store's ETags and those that clients see.
 *
 * <p>A client that sees 32 hex digits may take them for the MD5 of what it sent, find them different and delete what it has
 * just uploaded. So a store's ETag without a dash is shown with {@code -1} behind it. No store makes {@code …-1} by itself:
 * the gateway completes an upload of one part by a PUT when that part is small, and otherwise adds a last part of its own.
 *
 * <p>ETags are given and taken as they stand in the header or element: quoted or not, weak or not; the form is kept.
 */
public final class ETags {
    private static final String SUFFIX = "-1";

    private ETags() {}

    /** What a client sees for a store's ETag. */
    public static String toClient(String storeEtag) {
        boolean quoted = storeEtag.endsWith("\"");
        String bare = quoted ? storeEtag.substring(0, storeEtag.length() - 1) : storeEtag;
        if (bare.indexOf('-') >= 0) {
            return storeEtag;
        }
        return quoted ? bare + SUFFIX + '"' : bare + SUFFIX;
    }

    /** The store's ETag for what a client names. {@code *} and anything that no client was shown stay as they are. */
    public static String toStore(String clientEtag) {
        boolean quoted = clientEtag.endsWith("\"");
        String bare = quoted ? clientEtag.substring(0, clientEtag.length() - 1) : clientEtag;
        if (!bare.endsWith(SUFFIX)) {
            return clientEtag;
        }
        String stripped = bare.substring(0, bare.length() - SUFFIX.length());
        return quoted ? stripped + '"' : stripped;
    }

    /** The same for a condition's header: with quotes, which clients may leave out and some stores compare. */
    public static String conditionToStore(String header) {
        String list = listToStore(header);
        boolean bare = !list.isEmpty() && !list.equals("*") && list.indexOf('"') < 0 && list.indexOf(',') < 0;
        return bare ? '"' + list + '"' : list;
    }

    /** A comma-separated list of ETags, as {@code If-Match} and {@code If-None-Match} may hold. */
    public static String listToStore(String clientEtags) {
        if (clientEtags.indexOf(',') < 0) {
            return toStore(clientEtags.strip());
        }
        StringBuilder list = new StringBuilder();
        for (String etag : clientEtags.split(",", -1)) {
            if (!list.isEmpty()) {
                list.append(", ");
            }
            list.append(toStore(etag.strip()));
        }
        return list.toString();
    }
}

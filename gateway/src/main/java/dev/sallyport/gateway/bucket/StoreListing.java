package dev.sallyport.gateway.bucket;

import dev.sallyport.gateway.backend.BackendUnavailableException;
import dev.sallyport.gateway.s3.PercentCoding;
import dev.sallyport.gateway.s3.XmlElement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of the store's listing, decoded.
 *
 * @param truncated whether more follows
 * @param nextMarker of version 1; null when the store gave none
 * @param nextToken of version 2; null when the store gave none
 */
record StoreListing(
        List<Entry> entries,
        List<String> prefixes,
        boolean truncated,
        @Nullable String nextMarker,
        @Nullable String nextToken) {
    /**
     * @param size as stored
     * @param etag the store's, as it stands in the listing
     */
    record Entry(String key, String lastModified, String etag, long size, String storageClass) {}

    /** @throws BackendUnavailableException when it is no listing */
    static StoreListing parse(byte[] document) {
        XmlElement root = XmlElement.parseOrNull(document);
        if (root == null || !root.name().equals("ListBucketResult")) {
            throw new BackendUnavailableException("the store's listing is none");
        }
        boolean encoded = "url".equals(root.childText("EncodingType"));
        List<Entry> entries = new ArrayList<>();
        List<String> prefixes = new ArrayList<>();
        for (XmlElement child : root.children()) {
            if (child.name().equals("Contents")) {
                entries.add(entry(child, encoded));
            } else if (child.name().equals("CommonPrefixes")) {
                prefixes.add(required(decoded(child.childText("Prefix"), encoded)));
            }
        }
        return new StoreListing(
                entries,
                prefixes,
                "true".equals(root.childText("IsTruncated")),
                decoded(root.childText("NextMarker"), encoded),
                root.childText("NextContinuationToken"));
    }

    private static Entry entry(XmlElement contents, boolean encoded) {
        long size;
        try {
            size = Long.parseLong(required(contents.childText("Size")));
        } catch (NumberFormatException e) {
            throw new BackendUnavailableException("the store's listing has a size that is no number");
        }
        String storageClass = contents.childText("StorageClass");
        return new Entry(
                required(decoded(contents.childText("Key"), encoded)),
                required(contents.childText("LastModified")),
                required(contents.childText("ETag")),
                size,
                storageClass == null || storageClass.isEmpty() ? "STANDARD" : storageClass);
    }

    private static @Nullable String decoded(@Nullable String text, boolean encoded) {
        if (text == null || !encoded) {
            return text;
        }
        return required(PercentCoding.decode(text, true));
    }

    private static String required(@Nullable String text) {
        if (text == null) {
            throw new BackendUnavailableException("the store's listing lacks what every listing has");
        }
        return text;
    }

    /** The last key or prefix on the page: where a store that gives no marker goes on. Null for an empty page. */
    @Nullable String last() {
        String last = entries.isEmpty() ? null : entries.get(entries.size() - 1).key();
        String prefix = prefixes.isEmpty() ? null : prefixes.get(prefixes.size() - 1);
        if (last == null || prefix == null) {
            return last == null ? prefix : last;
        }
        return compareUtf8(last, prefix) > 0 ? last : prefix;
    }

    /** S3 orders keys by their bytes in UTF-8, Java strings by UTF-16. */
    private static int compareUtf8(String first, String second) {
        return java.util.Arrays.compareUnsigned(
                first.getBytes(java.nio.charset.StandardCharsets.UTF_8),
                second.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
}

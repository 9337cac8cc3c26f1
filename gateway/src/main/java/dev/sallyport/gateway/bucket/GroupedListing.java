package dev.sallyport.gateway.bucket;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A page of a listing that is grouped by a delimiter other than the slash. Stores group by {@code /} well, but one of them
 * never comes to the end of a listing grouped by anything else, and another knows no other delimiter. So the store is asked
 * for keys, and the groups are made here.
 *
 * <p>A group of more keys than the store gives at a time is passed over, so that a page costs about one request of the store
 * for each thousand keys or for each large group, of which it has 1,000 at most.
 */
final class GroupedListing {
    /** The last of all characters, to go on behind whatever begins with a prefix. */
    private static final String LAST = new String(Character.toChars(Character.MAX_CODE_POINT));

    private static final int MAX_KEY = 1024;

    private final Function<@Nullable String, StoreListing> keysAfter;
    private final String prefix;
    private final String delimiter;
    private final List<StoreListing.Entry> entries = new ArrayList<>();
    private final List<String> prefixes = new ArrayList<>();

    /**
     * @param keysAfter asks the store for keys after one, with the listing's prefix; after null from the first on
     * @param prefix of the listing; empty for none
     * @param delimiter not empty
     */
    GroupedListing(Function<@Nullable String, StoreListing> keysAfter, String prefix, String delimiter) {
        this.keysAfter = keysAfter;
        this.prefix = prefix;
        this.delimiter = delimiter;
    }

    /**
     * Makes the page.
     *
     * @param after where it begins, exclusive: a key, or a group of which nothing more is wanted; null for the beginning
     * @param most entries and groups on it, at least 1
     * @return the page; where it is truncated, its next marker is the last entry or group
     */
    StoreListing page(@Nullable String after, int most) {
        // As on AWS, a group that the marker is in is over.
        String group = after == null ? null : group(after);
        String from = behind(group, after);
        String last = after;
        while (true) {
            StoreListing keys = keysAfter.apply(from);
            for (StoreListing.Entry entry : keys.entries()) {
                String key = entry.key();
                String its = group(key);
                from = key;
                if (its != null && its.equals(group)) {
                    continue;
                }
                if (entries.size() + prefixes.size() == most) {
                    return new StoreListing(entries, prefixes, true, last, null);
                }
                if (its == null) {
                    entries.add(entry);
                    last = key;
                } else {
                    prefixes.add(its);
                    last = its;
                }
                group = its;
            }
            if (!keys.truncated() || keys.entries().isEmpty()) {
                return new StoreListing(entries, prefixes, false, null, null);
            }
            from = behind(group, from);
        }
    }

    /** Where to go on: behind the group when there is one, and the store takes so long a key. */
    private static @Nullable String behind(@Nullable String group, @Nullable String key) {
        return group == null || group.getBytes(StandardCharsets.UTF_8).length > MAX_KEY - 4 ? key : group + LAST;
    }

    private @Nullable String group(String key) {
        int at = key.startsWith(prefix) ? key.indexOf(delimiter, prefix.length()) : -1;
        return at < 0 ? null : key.substring(0, at + delimiter.length());
    }
}

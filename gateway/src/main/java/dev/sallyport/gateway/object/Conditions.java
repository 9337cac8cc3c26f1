package dev.sallyport.gateway.object;

import dev.sallyport.gateway.format.ETags;
import dev.sallyport.gateway.s3.ReadConditions;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/**
 * The conditions of a read, or on a copy's source, as S3 weighs them: an ETag outweighs the date beside it, and a date that
 * cannot be read or lies in the future says nothing. Stores differ in this, so that what a store lets pass is weighed again
 * by the ETag and the date of its own answer.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2">RFC 9110, section 13.2.2: precedence</a>
 */
final class Conditions {
    private Conditions() {}

    /**
     * The name of the condition that does not hold, such as {@code If-Match}; null when all do.
     *
     * @param storeEtag as the store shows it
     * @param lastModified the store's header; null when it shows none
     */
    static @Nullable String failed(
            ReadConditions conditions, String storeEtag, @Nullable String lastModified, Instant now) {
        Instant modified = date(lastModified);
        String ifMatch = conditions.ifMatch();
        if (ifMatch != null) {
            if (!names(ifMatch, storeEtag)) {
                return "If-Match";
            }
        } else {
            Instant since = date(conditions.ifUnmodifiedSince());
            if (since != null && modified != null && modified.isAfter(since)) {
                return "If-Unmodified-Since";
            }
        }
        String ifNoneMatch = conditions.ifNoneMatch();
        if (ifNoneMatch != null) {
            return names(ifNoneMatch, storeEtag) ? "If-None-Match" : null;
        }
        Instant since = date(conditions.ifModifiedSince());
        boolean same = since != null && !since.isAfter(now) && modified != null && !modified.isAfter(since);
        return same ? "If-Modified-Since" : null;
    }

    /** Those that a store need be asked: without what is outweighed, and without lists, which not every store knows. */
    static ReadConditions forStore(ReadConditions conditions) {
        String ifMatch = conditions.ifMatch();
        String ifNoneMatch = conditions.ifNoneMatch();
        return new ReadConditions(
                isList(ifMatch) ? null : ifMatch,
                isList(ifNoneMatch) ? null : ifNoneMatch,
                ifNoneMatch == null ? conditions.ifModifiedSince() : null,
                ifMatch == null ? conditions.ifUnmodifiedSince() : null);
    }

    /**
     * Whether {@code If-Range} names what the store has, so that a range is wanted and not the whole: by a strong ETag, or by
     * the very date that was shown.
     *
     * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#section-13.1.5">RFC 9110, section 13.1.5</a>
     */
    static boolean rangeWanted(@Nullable String ifRange, @Nullable String storeEtag, @Nullable String lastModified) {
        if (ifRange == null) {
            return true;
        }
        String sent = ifRange.strip();
        if (sent.startsWith("\"")) {
            return storeEtag != null && ETags.toStore(sent).equals(storeEtag);
        }
        Instant named = date(sent);
        return named != null && named.equals(date(lastModified));
    }

    private static boolean isList(@Nullable String header) {
        return header != null && header.indexOf(',') >= 0;
    }

    private static boolean names(String header, String storeEtag) {
        if (header.strip().equals("*")) {
            return true;
        }
        for (String etag : header.split(",", -1)) {
            if (bare(ETags.toStore(etag.strip())).equals(bare(storeEtag))) {
                return true;
            }
        }
        return false;
    }

    private static String bare(String etag) {
        String strong = etag.startsWith("W/") ? etag.substring(2) : etag;
        return strong.replace("\"", "");
    }

    private static @Nullable Instant date(@Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            return ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
        } catch (DateTimeException e) {
            return null;
        }
    }
}

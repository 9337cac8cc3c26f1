package dev.sallyport.gateway.object;

import dev.sallyport.gateway.format.ETags;
import dev.sallyport.gateway.s3.ReadConditions;
import dev.sallyport.gateway.s3.S3Errors;
import dev.sallyport.gateway.s3.S3Exception;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/**
 * The conditions on a copy's source, as S3 weighs them: an ETag outweighs the date beside it, and a date that cannot be read
 * or lies in the future says nothing.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html">CopyObject</a>
 */
final class CopyConditions {
    private static final String PREFIX = "x-amz-copy-source-";

    private CopyConditions() {}

    /**
     * @param storeEtag as the store shows it
     * @param lastModified the store's header; null when it shows none
     * @throws S3Exception {@code PreconditionFailed}
     */
    static void check(ReadConditions conditions, String storeEtag, @Nullable String lastModified, Instant now) {
        Instant modified = date(lastModified);
        String ifMatch = conditions.ifMatch();
        if (ifMatch != null) {
            require(names(ifMatch, storeEtag), "If-Match");
        } else {
            Instant since = date(conditions.ifUnmodifiedSince());
            require(since == null || modified == null || !modified.isAfter(since), "If-Unmodified-Since");
        }
        String ifNoneMatch = conditions.ifNoneMatch();
        if (ifNoneMatch != null) {
            require(!names(ifNoneMatch, storeEtag), "If-None-Match");
        } else {
            Instant since = date(conditions.ifModifiedSince());
            require(
                    since == null || since.isAfter(now) || modified == null || modified.isAfter(since),
                    "If-Modified-Since");
        }
    }

    private static void require(boolean holds, String condition) {
        if (!holds) {
            throw S3Errors.preconditionFailed(PREFIX + condition);
        }
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

package dev.sallyport.gateway.object;

import dev.sallyport.gateway.s3.S3Errors;
import dev.sallyport.gateway.s3.S3Exception;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The range of a copy's source. Stricter than that of a read: both ends are named, and both lie in the source.
 *
 * @param first offset of the first byte
 * @param last offset of the last byte, included
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html">UploadPartCopy</a>
 */
record CopyRange(long first, long last) {
    private static final String HEADER = "x-amz-copy-source-range";

    // Eighteen digits are more than any object's length, and always a long.
    private static final Pattern FORM = Pattern.compile("bytes=([0-9]{1,18})-([0-9]{1,18})");

    /** @throws S3Exception {@code InvalidArgument} for another form */
    static CopyRange parse(String header) {
        Matcher matcher = FORM.matcher(header);
        if (matcher.matches()) {
            CopyRange range = new CopyRange(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2)));
            if (range.first <= range.last) {
                return range;
            }
        }
        throw S3Errors.invalidArgument(
                "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy",
                HEADER,
                header);
    }

    /** @throws S3Exception {@code InvalidArgument} when a source of this length does not have the whole range */
    ByteRange.Resolved in(long length) {
        if (last >= length) {
            throw S3Errors.invalidArgument(
                    "Range specified is not valid for source object of size: " + length,
                    HEADER,
                    "bytes=" + first + '-' + last);
        }
        return new ByteRange.Resolved(first, last);
    }
}

package dev.sallyport.gateway.object;

import dev.sallyport.gateway.checksum.ChecksumAlgorithm;
import dev.sallyport.gateway.checksum.RunningChecksum;
import dev.sallyport.gateway.format.ContentFacts;
import dev.sallyport.gateway.s3.PayloadDigests;
import dev.sallyport.gateway.s3.S3Exception;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Computes what a client said of its payload, and compares. Where it gave no checksum, CRC64NVME is computed to be kept, as
 * AWS does.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html">Checking
 *     object integrity for data uploads</a>
 */
public final class PayloadVerifier {
    private final PayloadDigests digests;
    private final ChecksumAlgorithm algorithm;
    private final RunningChecksum checksum;
    private final @Nullable RunningChecksum md5;
    private final ChecksumAlgorithm kept;
    private final @Nullable RunningChecksum other;

    /** @param fallback the checksum to keep when the client gave none */
    public PayloadVerifier(PayloadDigests digests, ChecksumAlgorithm fallback) {
        this(digests, fallback, null);
    }

    private PayloadVerifier(PayloadDigests digests, ChecksumAlgorithm fallback, @Nullable ChecksumAlgorithm always) {
        this.digests = digests;
        ChecksumAlgorithm named = digests.algorithm();
        this.algorithm = named == null ? fallback : named;
        this.checksum = RunningChecksum.of(algorithm);
        this.kept = always == null ? algorithm : always;
        this.other = kept == algorithm ? null : RunningChecksum.of(kept);
        this.md5 = digests.contentMd5() == null ? null : RunningChecksum.md5();
    }

    /** A verifier that gives the checksum of {@code kept}, whatever the client sent; what it sent is verified as well. */
    public static PayloadVerifier keeping(PayloadDigests digests, ChecksumAlgorithm kept) {
        return new PayloadVerifier(digests, kept, kept);
    }

    public ChecksumAlgorithm algorithm() {
        return algorithm;
    }

    public void update(byte[] bytes, int offset, int length) {
        checksum.update(bytes, offset, length);
        if (md5 != null) {
            md5.update(bytes, offset, length);
        }
        if (other != null) {
            other.update(bytes, offset, length);
        }
    }

    /**
     * Compares, once all of the payload is through.
     *
     * @param trailers of the request, by lower-case name
     * @return the checksum, full-object
     * @throws S3Exception {@code BadDigest} when the payload is not what was said
     */
    public ContentFacts finish(Map<String, String> trailers) {
        String computed = checksum.finishBase64();
        String declared = digests.value();
        if (digests.trailing()) {
            declared = trailers.get(algorithm.header());
            if (declared == null) {
                throw new S3Exception(
                        400,
                        "MalformedTrailerError",
                        "The request contained trailing data that was not well-formed or did not conform to our published schema.");
            }
        }
        if (declared != null && !same(declared, computed)) {
            requireForm(declared);
            throw new S3Exception(
                    400,
                    "BadDigest",
                    "The " + algorithm.name() + " you specified did not match the calculated checksum.");
        }
        if (md5 != null) {
            String calculated = md5.finishBase64();
            String expected = digests.contentMd5();
            if (expected != null && !same(expected, calculated)) {
                throw new S3Exception(400, "BadDigest", "The Content-MD5 you specified did not match what we received.")
                        .with("ExpectedDigest", expected)
                        .with("CalculatedDigest", calculated);
            }
        }
        String result = other == null ? computed : other.finishBase64();
        return new ContentFacts(List.of(new ContentFacts.Checksum(kept, false, result)), null);
    }

    private void requireForm(String value) {
        boolean good;
        try {
            good = Base64.getDecoder().decode(value).length == algorithm.length();
        } catch (IllegalArgumentException e) {
            good = false;
        }
        if (!good) {
            throw new S3Exception(400, "InvalidRequest", "Value for " + algorithm.header() + " header is invalid.");
        }
    }

    private static boolean same(String left, String right) {
        return MessageDigest.isEqual(
                left.getBytes(java.nio.charset.StandardCharsets.US_ASCII),
                right.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }
}

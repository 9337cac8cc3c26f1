package dev.sallyport.gateway.auth;

import dev.sallyport.gateway.flow.ByteSink;
import dev.sallyport.kms.Caller;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A request whose signature was verified, as far as that can be said before its body is here.
 *
 * <p>The body is verified as it flows: {@link #bodyVerifier()} puts, in front of the sink that wants the decoded payload,
 * what takes off the aws-chunked framing and checks length, payload hash, chunk signatures and the trailer's signature. It
 * calls {@link ByteSink#complete()} on the sink only after all of that has passed, else {@link ByteSink#fail} with an
 * {@link dev.sallyport.gateway.s3.S3Exception}.
 */
public interface VerifiedRequest {
    Caller caller();

    /** The service of the credential scope: {@code s3}, {@code kms}, {@code sts}. */
    String service();

    /** Of the credential scope. */
    String region();

    boolean presigned();

    /** The payload's length without aws-chunked framing; -1 when the client did not say. */
    long decodedLength();

    /** Content-Encoding without {@code aws-chunked}; null when nothing is left. */
    @Nullable String contentEncoding();

    /** See above; used at most once. The sink gets the decoded payload. */
    Function<ByteSink, ByteSink> bodyVerifier();

    /** Trailing headers (lower case), verified; complete once the sink was completed. Empty without trailers. */
    Map<String, String> trailers();
}

package dev.sallyport.gateway.auth;

/**
 * The chain of signatures of an aws-chunked body: each chunk's covers the one before it, the first the request's own.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html">Signature calculations: chunked
 *     upload</a>
 */
final class ChunkSignatures {
    private final byte[] key;
    private final String prefix;
    private String previous;

    ChunkSignatures(byte[] key, String amzDate, String scope, String seed) {
        this.key = key;
        this.prefix = '\n' + amzDate + '\n' + scope + '\n';
        this.previous = seed;
    }

    /** Whether {@code given} signs a chunk of that hash; if so the chain goes on from it. */
    boolean chunk(byte[] sha256, String given) {
        return next(
                "AWS4-HMAC-SHA256-PAYLOAD" + prefix + previous + '\n' + SigV4.EMPTY_SHA256 + '\n' + SigV4.hex(sha256),
                given);
    }

    /** Whether {@code given} signs a trailer of that hash. */
    boolean trailer(byte[] sha256, String given) {
        return next("AWS4-HMAC-SHA256-TRAILER" + prefix + previous + '\n' + SigV4.hex(sha256), given);
    }

    private boolean next(String stringToSign, String given) {
        String expected = SigV4.hex(SigV4.hmac(key, stringToSign));
        previous = expected;
        return SigV4Verifier.sameText(expected, given);
    }
}

package dev.sallyport.gateway.auth;

/** The forms in which a body is signed, by the value of {@code x-amz-content-sha256}. */
sealed interface Payload {
    /** The header's value, which the signature covers. */
    String header();

    /** The body's SHA-256 itself, in lower-case hex. */
    record Hashed(String header) implements Payload {}

    /** {@code UNSIGNED-PAYLOAD}. */
    record Unsigned() implements Payload {
        @Override
        public String header() {
            return SigV4.UNSIGNED_PAYLOAD;
        }
    }

    /**
     * aws-chunked.
     *
     * @param signed whether each chunk, and the trailer, has a signature
     * @param trailer whether trailing headers follow the last chunk
     */
    record Chunked(String header, boolean signed, boolean trailer) implements Payload {}

    /** @throws AuthException for a value that S3 does not know, or that is not supported */
    static Payload parse(String value, AuthErrors errors) {
        return switch (value) {
            case SigV4.UNSIGNED_PAYLOAD -> new Unsigned();
            case "STREAMING-UNSIGNED-PAYLOAD-TRAILER" -> new Chunked(value, false, true);
            case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" -> new Chunked(value, true, false);
            case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" -> new Chunked(value, true, true);
            case "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER" ->
                throw errors.notImplemented("Signature Version 4A (" + value + ") is not supported.");
            default -> {
                if (!value.matches("[0-9a-fA-F]{64}")) {
                    throw errors.invalidArgument(
                            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER,"
                                    + " STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or"
                                    + " a valid sha256 value.",
                            "x-amz-content-sha256",
                            value);
                }
                yield new Hashed(value);
            }
        };
    }
}

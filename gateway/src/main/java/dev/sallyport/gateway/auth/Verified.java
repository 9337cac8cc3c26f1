package dev.sallyport.gateway.auth;

import dev.sallyport.gateway.flow.ByteSink;
import dev.sallyport.kms.Caller;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A request whose head was verified. */
final class Verified implements VerifiedRequest {
    private final Caller caller;
    private final SignatureClaim claim;
    private final Payload payload;
    private final long decodedLength;
    private final @Nullable String contentEncoding;
    private final Set<String> announcedTrailers;
    private final Supplier<ChunkSignatures> signatures;
    private final AtomicBoolean used = new AtomicBoolean();
    private volatile Map<String, String> trailers = Map.of();

    Verified(
            Caller caller,
            SignatureClaim claim,
            Payload payload,
            long decodedLength,
            HttpHeaders headers,
            Supplier<ChunkSignatures> signatures) {
        this.caller = caller;
        this.claim = claim;
        this.payload = payload;
        this.decodedLength = decodedLength;
        this.contentEncoding = withoutAwsChunked(headers);
        this.announcedTrailers = announced(headers);
        this.signatures = signatures;
    }

    @Override
    public Caller caller() {
        return caller;
    }

    @Override
    public String service() {
        return claim.service();
    }

    @Override
    public String region() {
        return claim.region();
    }

    @Override
    public boolean presigned() {
        return claim.query();
    }

    @Override
    public long decodedLength() {
        return decodedLength;
    }

    @Override
    public @Nullable String contentEncoding() {
        return contentEncoding;
    }

    @Override
    public Function<ByteSink, ByteSink> bodyVerifier() {
        return sink -> {
            if (used.getAndSet(true)) {
                throw new IllegalStateException("a body is verified once");
            }
            return switch (payload) {
                case Payload.Unsigned unsigned -> sink;
                case Payload.Hashed hashed -> new HashedBodySink(hashed.header(), sink);
                case Payload.Chunked chunked ->
                    new AwsChunkedSink(
                            decodedLength,
                            chunked.signed() ? signatures.get() : null,
                            chunked.trailer() ? announcedTrailers : null,
                            this::takeTrailers,
                            sink);
            };
        };
    }

    @Override
    public Map<String, String> trailers() {
        return trailers;
    }

    private void takeTrailers(Map<String, String> found) {
        trailers = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(found));
    }

    private static @Nullable String withoutAwsChunked(HttpHeaders headers) {
        StringBuilder left = new StringBuilder();
        for (String value : headers.getAll("Content-Encoding")) {
            for (String coding : value.split(",", -1)) {
                String name = coding.strip();
                if (!name.isEmpty() && !name.equalsIgnoreCase("aws-chunked")) {
                    left.append(left.isEmpty() ? "" : ",").append(name);
                }
            }
        }
        return left.isEmpty() ? null : left.toString();
    }

    private static Set<String> announced(HttpHeaders headers) {
        Set<String> names = new LinkedHashSet<>();
        for (String value : headers.getAll("x-amz-trailer")) {
            for (String name : value.split(",", -1)) {
                if (!name.isBlank()) {
                    names.add(name.strip().toLowerCase(Locale.ROOT));
                }
            }
        }
        return names;
    }
}

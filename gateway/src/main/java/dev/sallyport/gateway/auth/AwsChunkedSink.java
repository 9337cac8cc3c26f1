package dev.sallyport.gateway.auth;

import dev.sallyport.gateway.flow.ByteSink;
import dev.sallyport.gateway.s3.S3Exception;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes off the aws-chunked framing, and verifies it.
 *
 * <pre>
 *   size[;chunk-signature=hex] CRLF  data CRLF   …   0[;chunk-signature=hex] CRLF
 *   name:value CRLF …  [x-amz-trailer-signature:hex CRLF]  CRLF
 * </pre>
 *
 * A chunk's bytes are passed on before its signature can be checked, so a sink must not make anything final before
 * {@link ByteSink#complete()}, which is called only when everything has passed.
 */
final class AwsChunkedSink implements ByteSink {
    private static final int MAX_SIZE_LINE = 256;
    private static final int MAX_TRAILER_BYTES = 16 * 1024;
    private static final int MAX_TRAILERS = 16;

    /** S3's own rule for signed chunks: all but the last have at least so many bytes. */
    private static final int MIN_SIGNED_CHUNK = 8192;

    private enum State {
        SIZE,
        DATA,
        DATA_END,
        TRAILER,
        DONE,
        FAILED
    }

    private final long decodedLength;
    private final @Nullable ChunkSignatures signatures;
    private final @Nullable Set<String> announced;
    private final Consumer<Map<String, String>> trailersTo;
    private final ByteSink next;
    private final @Nullable MessageDigest digest;
    private final StringBuilder line = new StringBuilder();
    private final Map<String, String> trailers = new LinkedHashMap<>();
    private State state = State.SIZE;
    private long passed;
    private long chunkLeft;
    private boolean smallSeen;
    private String chunkSignature = "";
    private int trailerBytes;
    private @Nullable String trailerSignature;

    /**
     * @param signatures null for unsigned chunks
     * @param announced names of {@code x-amz-trailer}; null when no trailer may follow
     */
    AwsChunkedSink(
            long decodedLength,
            @Nullable ChunkSignatures signatures,
            @Nullable Set<String> announced,
            Consumer<Map<String, String>> trailersTo,
            ByteSink next) {
        this.decodedLength = decodedLength;
        this.signatures = signatures;
        this.announced = announced;
        this.trailersTo = trailersTo;
        this.next = next;
        this.digest = signatures == null ? null : SigV4.sha256();
    }

    @Override
    public void write(ByteBuf data) {
        try {
            while (data.isReadable() && state != State.FAILED) {
                switch (state) {
                    case SIZE -> readSize(data);
                    case DATA -> readData(data);
                    case DATA_END -> readDataEnd(data);
                    case TRAILER -> readTrailer(data);
                    case DONE -> fail(incomplete("data after the last chunk"));
                    case FAILED -> {}
                }
            }
        } finally {
            data.release();
        }
    }

    private void readSize(ByteBuf data) {
        if (!readLine(data, MAX_SIZE_LINE)) {
            return;
        }
        String text = line.toString();
        line.setLength(0);
        int semicolon = text.indexOf(';');
        String size = semicolon < 0 ? text : text.substring(0, semicolon);
        if (!size.matches("[0-9a-fA-F]{1,15}")) {
            fail(incomplete("malformed chunk size"));
            return;
        }
        if (signatures != null) {
            String extension =
                    semicolon < 0 ? "" : text.substring(semicolon + 1).strip();
            if (!extension.matches("chunk-signature=[0-9a-fA-F]{64}")) {
                fail(incomplete("chunk without signature"));
                return;
            }
            chunkSignature = extension.substring("chunk-signature=".length()).toLowerCase(Locale.ROOT);
        }
        chunkLeft = Long.parseLong(size, 16);
        if (chunkLeft > decodedLength - passed) {
            fail(incomplete("more data than x-amz-decoded-content-length"));
            return;
        }
        if (chunkLeft > 0 && smallSeen && signatures != null) {
            fail(new S3Exception(
                    403,
                    "InvalidChunkSizeError",
                    "Only the last chunk is allowed to have a size less than 8192 bytes"));
            return;
        }
        smallSeen = chunkLeft < MIN_SIGNED_CHUNK;
        if (chunkLeft > 0) {
            state = State.DATA;
        } else if (checkChunk()) {
            state = State.TRAILER;
        }
    }

    private void readData(ByteBuf data) {
        int take = (int) Math.min(chunkLeft, data.readableBytes());
        ByteBuf slice = data.readRetainedSlice(take);
        chunkLeft -= take;
        passed += take;
        if (digest != null) {
            HashedBodySink.update(digest, slice);
        }
        next.write(slice);
        if (chunkLeft == 0 && state == State.DATA && checkChunk()) {
            state = State.DATA_END;
        }
    }

    private boolean checkChunk() {
        if (signatures != null && digest != null && !signatures.chunk(digest.digest(), chunkSignature)) {
            fail(mismatch());
            return false;
        }
        return true;
    }

    private void readDataEnd(ByteBuf data) {
        if (!readLine(data, 2)) {
            return;
        }
        if (!line.isEmpty()) {
            fail(incomplete("chunk longer than its size"));
            return;
        }
        state = State.SIZE;
    }

    private void readTrailer(ByteBuf data) {
        int before = data.readerIndex();
        boolean whole = readLine(data, MAX_TRAILER_BYTES);
        trailerBytes += data.readerIndex() - before;
        if (trailerBytes > MAX_TRAILER_BYTES) {
            fail(malformedTrailer());
            return;
        }
        if (!whole) {
            return;
        }
        String text = line.toString();
        line.setLength(0);
        if (text.isEmpty()) {
            // some clients put an empty line before the trailer's signature
            if (announced == null || signatures == null || trailerSignature != null) {
                state = State.DONE;
            }
            return;
        }
        int colon = text.indexOf(':');
        if (announced == null || colon <= 0 || trailers.size() >= MAX_TRAILERS || trailerSignature != null) {
            fail(malformedTrailer());
            return;
        }
        String name = text.substring(0, colon).strip().toLowerCase(Locale.ROOT);
        String value = text.substring(colon + 1).strip();
        if (name.equals("x-amz-trailer-signature")) {
            trailerSignature = value.toLowerCase(Locale.ROOT);
        } else if (!announced.contains(name) || trailers.put(name, value) != null) {
            fail(malformedTrailer());
        }
    }

    /** Appends to {@link #line} up to a line feed, which is not kept, nor a carriage return before it. */
    private boolean readLine(ByteBuf data, int max) {
        while (data.isReadable()) {
            char c = (char) (data.readByte() & 0xff);
            if (c == '\n') {
                if (!line.isEmpty() && line.charAt(line.length() - 1) == '\r') {
                    line.setLength(line.length() - 1);
                }
                return true;
            }
            if (line.length() >= max) {
                fail(incomplete("line too long"));
                return false;
            }
            line.append(c);
        }
        return false;
    }

    @Override
    public void complete() {
        if (state == State.FAILED) {
            return;
        }
        boolean ended = state == State.DONE || (state == State.TRAILER && line.isEmpty());
        if (!ended || passed != decodedLength) {
            fail(incomplete("the body ended early"));
            return;
        }
        if (announced != null && !checkTrailer(announced)) {
            return;
        }
        trailersTo.accept(trailers);
        state = State.DONE;
        next.complete();
    }

    private boolean checkTrailer(Set<String> names) {
        if (!trailers.keySet().equals(names)) {
            fail(malformedTrailer());
            return false;
        }
        if (signatures == null) {
            return true;
        }
        StringBuilder canonical = new StringBuilder();
        trailers.forEach((name, value) ->
                canonical.append(name).append(':').append(value).append('\n'));
        byte[] hash = SigV4.sha256().digest(canonical.toString().getBytes(StandardCharsets.ISO_8859_1));
        if (trailerSignature == null || !signatures.trailer(hash, trailerSignature)) {
            fail(mismatch());
            return false;
        }
        return true;
    }

    @Override
    public void fail(Throwable cause) {
        if (state != State.FAILED) {
            state = State.FAILED;
            next.fail(cause);
        }
    }

    @Override
    public boolean writable() {
        return state == State.FAILED || next.writable();
    }

    @Override
    public void onWritabilityChanged(Runnable listener) {
        next.onWritabilityChanged(listener);
    }

    private static S3Exception incomplete(String why) {
        return new S3Exception(
                400,
                "IncompleteBody",
                "You did not provide the number of bytes specified by the Content-Length HTTP header",
                Map.of("Reason", why));
    }

    private static S3Exception mismatch() {
        return new S3Exception(
                403,
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided. Check your key and signing"
                        + " method.");
    }

    private static S3Exception malformedTrailer() {
        return new S3Exception(
                400,
                "MalformedTrailerError",
                "The request contained trailing data that was not well-formed or did not conform to our published schema.");
    }
}

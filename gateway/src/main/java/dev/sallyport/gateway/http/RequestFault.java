package dev.sallyport.gateway.http;

import dev.sallyport.gateway.s3.S3Exception;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request that HTTP itself refuses, before anybody looks at its signature. The answer has S3's form, since nothing says
 * which service was meant.
 */
record RequestFault(int status, String code, String message) {
    /** What is wrong with the request's head; null for a good one. */
    static @Nullable RequestFault of(HttpRequest request) {
        if (request.decoderResult().isFailure()) {
            return ofDecoder(request.decoderResult().cause());
        }
        HttpVersion version = request.protocolVersion();
        if (!version.equals(HttpVersion.HTTP_1_1) && !version.equals(HttpVersion.HTTP_1_0)) {
            return new RequestFault(505, "HttpVersionNotSupported", "The HTTP version specified is not supported.");
        }
        HttpHeaders headers = request.headers();
        int hosts = headers.getAll(HttpHeaderNames.HOST).size();
        if (hosts > 1 || (hosts == 0 && version.equals(HttpVersion.HTTP_1_1))) {
            return bad("The request must have one Host header.");
        }
        if (!targetIsPlain(request.uri())) {
            return new RequestFault(400, "InvalidURI", "Couldn't parse the specified URI.");
        }
        String length = headers.get(HttpHeaderNames.CONTENT_LENGTH);
        if (length != null && (headers.getAll(HttpHeaderNames.CONTENT_LENGTH).size() > 1 || !isNumber(length))) {
            return bad("The Content-Length header is not a number.");
        }
        List<String> codings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
        if (!codings.isEmpty()) {
            if (version.equals(HttpVersion.HTTP_1_0) || length != null) {
                return bad("A Transfer-Encoding is not allowed here.");
            }
            if (codings.size() > 1 || !codings.getFirst().equalsIgnoreCase("chunked")) {
                return new RequestFault(
                        501, "NotImplemented", "A header you provided implies functionality that is not implemented");
            }
        }
        String expect = headers.get(HttpHeaderNames.EXPECT);
        if (expect != null && !expect.equalsIgnoreCase("100-continue")) {
            return new RequestFault(417, "ExpectationFailed", "The expectation given in Expect cannot be met.");
        }
        return null;
    }

    static RequestFault headTimeout() {
        return new RequestFault(
                400,
                "RequestTimeout",
                "Your socket connection to the server was not read from or written to within the timeout period. Idle"
                        + " connections will be closed.");
    }

    /** The same for a body, which an operation waits for. */
    static S3Exception bodyTimeout() {
        RequestFault fault = headTimeout();
        return new S3Exception(fault.status, fault.code, fault.message);
    }

    static Internal internal(String requestId) {
        return new Internal(
                new RequestFault(500, "InternalError", "We encountered an internal error. Please try again."),
                requestId);
    }

    /** An answer for a handler that gave none. */
    record Internal(RequestFault fault, String requestId) {
        void answer(Response response) {
            DefaultHttpHeaders headers = new DefaultHttpHeaders();
            headers.set(HttpHeaderNames.CONTENT_TYPE, "application/xml");
            response.full(fault.status, headers, fault.body(requestId));
        }
    }

    byte[] body(String requestId) {
        return ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>" + code + "</Code><Message>" + message
                        + "</Message><RequestId>" + requestId + "</RequestId></Error>")
                .getBytes(StandardCharsets.UTF_8);
    }

    FullHttpResponse response(String requestId) {
        byte[] body = body(requestId);
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), Unpooled.wrappedBuffer(body));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "application/xml")
                .set(HttpHeaderNames.CONTENT_LENGTH, body.length)
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        return response;
    }

    ExchangeSummary summary(String requestId, String remote) {
        RequestNotes notes = new RequestNotes();
        notes.errorCode(code);
        return new ExchangeSummary(
                Instant.now(), requestId, remote, "-", "-", null, status, 0, 0, 0, false, false, notes);
    }

    private static RequestFault ofDecoder(Throwable cause) {
        return switch (cause) {
            case TooLongHttpLineException line ->
                new RequestFault(414, "RequestURITooLong", "The request line exceeds the maximum allowed size.");
            case TooLongHttpHeaderException header ->
                new RequestFault(
                        400,
                        "RequestHeaderSectionTooLarge",
                        "Your request header section exceeds the maximum allowed request header size.");
            case TooLongFrameException frame -> bad("The request exceeds the maximum allowed size.");
            default -> bad("An error occurred when parsing the HTTP request.");
        };
    }

    private static RequestFault bad(String message) {
        return new RequestFault(400, "BadRequest", message);
    }

    private static boolean targetIsPlain(String target) {
        if (!target.startsWith("/")) {
            return false;
        }
        for (int i = 0; i < target.length(); i++) {
            char c = target.charAt(i);
            if (c <= ' ' || c >= 0x7f || c == '#') {
                return false;
            }
        }
        return true;
    }

    private static boolean isNumber(String text) {
        if (text.isEmpty() || text.length() > 18) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }
}

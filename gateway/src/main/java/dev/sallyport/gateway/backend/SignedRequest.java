package dev.sallyport.gateway.backend;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;

/** The request as it goes out. */
final class SignedRequest {
    private final String method;
    private final String target;
    private final HttpHeaders headers;
    private final byte[] body;
    private final long contentLength;
    private final boolean streams;

    SignedRequest(String method, String target, HttpHeaders headers, byte[] body, long contentLength, boolean streams) {
        this.method = method;
        this.target = target;
        this.headers = headers;
        this.body = body;
        this.contentLength = contentLength;
        this.streams = streams;
    }

    String method() {
        return method;
    }

    String target() {
        return target;
    }

    HttpHeaders headers() {
        return headers;
    }

    byte[] body() {
        return body;
    }

    long contentLength() {
        return contentLength;
    }

    boolean streams() {
        return streams;
    }

    boolean expectsContinue() {
        return headers.contains(HttpHeaderNames.EXPECT);
    }

    /** Whether it may be sent again when a pooled connection turns out to be closed: nothing can have come of it. */
    boolean repeatable() {
        return streams ? expectsContinue() : body.length == 0 && (method.equals("GET") || method.equals("HEAD"));
    }
}

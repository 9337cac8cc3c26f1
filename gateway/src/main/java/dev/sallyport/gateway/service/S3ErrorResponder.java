package dev.sallyport.gateway.service;

import dev.sallyport.gateway.http.Exchange;
import dev.sallyport.gateway.s3.ErrorXml;
import dev.sallyport.gateway.s3.S3Exception;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** Answers a refused S3 request. */
public final class S3ErrorResponder {
    private static final String RETRY_AFTER_SECONDS = "2";

    private S3ErrorResponder() {}

    /** What clients see while the store does not answer. */
    public static S3Exception unavailable() {
        return new S3Exception(503, "ServiceUnavailable", "Service is unable to handle request.");
    }

    /** HEAD requests and 304 get no body. */
    public static void respond(Exchange exchange, S3Exception error) {
        exchange.notes().errorCode(error.code());
        HttpHeaders headers = new DefaultHttpHeaders();
        if (error.status() == 503) {
            headers.set("retry-after", RETRY_AFTER_SECONDS);
        }
        if (error.status() == 304) {
            String etag = error.details().get("ETag");
            if (etag != null) {
                headers.set("etag", etag);
            }
            exchange.respond(304, headers, new byte[0]);
            return;
        }
        String size = error.details().get("ActualObjectSize");
        if (error.status() == 416 && size != null) {
            headers.set("content-range", "bytes */" + size);
        }
        String hostId = hostId(exchange.requestId());
        headers.set("content-type", "application/xml").set("x-amz-id-2", hostId);
        byte[] body = exchange.method().equals("HEAD")
                ? new byte[0]
                : ErrorXml.render(error, resource(exchange.rawTarget()), exchange.requestId(), hostId);
        exchange.respond(error.status(), headers, body);
    }

    private static String resource(String rawTarget) {
        int mark = rawTarget.indexOf('?');
        return mark < 0 ? rawTarget : rawTarget.substring(0, mark);
    }

    // AWS names the host that answered, in a form that only AWS reads; here it only has to be there and to be unique.
    private static String hostId(String requestId) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(requestId.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}

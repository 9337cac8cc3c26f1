package dev.sallyport.gateway.operation;

import dev.sallyport.gateway.auth.VerifiedRequest;
import dev.sallyport.gateway.http.Exchange;
import dev.sallyport.gateway.s3.XmlWriter;
import dev.sallyport.kms.CallContext;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;

/**
 * An authenticated S3 request on its way through an operation.
 *
 * @param exchange the request, and where the answer goes
 * @param verified who sent it, and how its body is verified
 * @param context the same for the KMS: calls are made on the caller's behalf, by S3
 */
public record S3Call(Exchange exchange, VerifiedRequest verified, CallContext context) {
    private static final byte[] EMPTY = new byte[0];

    /** The call as the client made it, for decisions on S3's own actions. */
    public CallContext direct() {
        return new CallContext(
                context.caller(),
                context.region(),
                context.requestId(),
                context.sourceIp(),
                context.userAgent(),
                context.secureTransport(),
                context.tlsVersion(),
                context.tlsCipher(),
                null,
                List.of());
    }

    /** Answers without a body. */
    public void respond(int status, HttpHeaders headers) {
        exchange.respond(status, headers, EMPTY);
    }

    /** Answers 200 with a document. */
    public void respondXml(HttpHeaders headers, XmlWriter document) {
        headers.set("content-type", "application/xml");
        exchange.respond(200, headers, document.toBytes());
    }

    /**
     * Before work that may take long: when it does, a 200 with these headers begins, and white space keeps the client until
     * the document is known, which may be that of an error.
     *
     * @param before waits for what must be durable before a client sees anything
     */
    public void hold(HttpHeaders headers, Runnable before) {
        exchange.hold(200, headers.copy().set("content-type", "application/xml"), XmlWriter.declaration(), before);
    }

    /** Answers 200 with a document and no further headers. */
    public void respondXml(XmlWriter document) {
        respondXml(new DefaultHttpHeaders(), document);
    }
}

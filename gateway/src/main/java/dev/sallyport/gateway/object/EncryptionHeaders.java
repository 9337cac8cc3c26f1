package dev.sallyport.gateway.object;

import dev.sallyport.gateway.format.SseFacts;
import dev.sallyport.gateway.sse.ContextHeader;
import io.netty.handler.codec.http.HttpHeaders;

/** The headers by which an answer says how its object is encrypted. */
public final class EncryptionHeaders {
    private static final String SSE = "x-amz-server-side-encryption";

    private EncryptionHeaders() {}

    /** Algorithm, the key's ARN even where an id or alias was sent, and the bucket key's flag. */
    public static void add(HttpHeaders headers, SseFacts sse) {
        headers.set(SSE, sse.algorithm().wireName());
        headers.set(SSE + "-aws-kms-key-id", sse.keyArn());
        if (sse.bucketKey()) {
            headers.set(SSE + "-bucket-key-enabled", "true");
        }
    }

    /** The same for the answer to a write, which echoes the client's encryption context as well. */
    public static void addForWrite(HttpHeaders headers, SseFacts sse) {
        add(headers, sse);
        if (!sse.context().isEmpty()) {
            headers.set(SSE + "-context", ContextHeader.render(sse.context()));
        }
    }
}

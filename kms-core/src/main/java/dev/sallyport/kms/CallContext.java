package dev.sallyport.kms;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One call's circumstances, for authorisation and for its audit event.
 *
 * @param caller the authenticated principal
 * @param region the region that the request was signed for
 * @param requestId the id that the answer carries
 * @param sourceIp the client's address in text form
 * @param userAgent the client's own name, as sent, cut to 1,024 characters by whoever makes this
 * @param secureTransport whether the client came over TLS
 * @param tlsVersion such as {@code TLSv1.3}; null without TLS
 * @param tlsCipher the cipher suite's name; null without TLS
 * @param viaService the service that calls on the caller's behalf, such as {@code s3.us-east-1.amazonaws.com} (the value
 *     of {@code kms:ViaService}); null for a direct call
 * @param grantTokens tokens that the request brought
 */
public record CallContext(
        Caller caller,
        String region,
        String requestId,
        String sourceIp,
        String userAgent,
        boolean secureTransport,
        @Nullable String tlsVersion,
        @Nullable String tlsCipher,
        @Nullable String viaService,
        List<String> grantTokens) {
    public CallContext {
        grantTokens = List.copyOf(grantTokens);
    }

    /** The same call, made by a service on the caller's behalf. */
    public CallContext via(String service) {
        return new CallContext(
                caller,
                region,
                requestId,
                sourceIp,
                userAgent,
                secureTransport,
                tlsVersion,
                tlsCipher,
                service,
                grantTokens);
    }
}

package dev.sallyport.gateway.http;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A request and its answer, once that is through or was cut.
 *
 * @param remote the client's address in text form, after trusted proxies
 * @param method as sent; {@code -} when the request could not be parsed
 * @param target path and query with every secret redacted
 * @param userAgent as sent, cut to 256 characters
 * @param status of the answer; 0 when none was begun
 * @param bytesIn of the raw body that were read
 * @param bytesOut of the answer's body that were written
 * @param cut whether the connection was cut before the whole answer was written
 */
public record ExchangeSummary(
        Instant time,
        String requestId,
        String remote,
        String method,
        String target,
        @Nullable String userAgent,
        int status,
        long bytesIn,
        long bytesOut,
        long nanos,
        boolean secure,
        boolean cut,
        RequestNotes notes) {}

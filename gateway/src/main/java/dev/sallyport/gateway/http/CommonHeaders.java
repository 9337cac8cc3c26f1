package dev.sallyport.gateway.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;

/** The headers that every answer has. */
final class CommonHeaders {
    private static final DateTimeFormatter HTTP_DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    /** Identifies this process in x-amz-id-2, as AWS's names the host that answered. */
    private final String hostId;

    private volatile Second second = new Second(0, "");

    CommonHeaders() {
        byte[] id = new byte[48];
        new SecureRandom().nextBytes(id);
        hostId = Base64.getEncoder().encodeToString(id);
    }

    /** Sixteen upper-case hex digits. It only names a request in logs, so it need not be unpredictable. */
    static String newRequestId() {
        return HEX.toHexDigits(ThreadLocalRandom.current().nextLong());
    }

    void addTo(HttpHeaders headers, String requestId) {
        if (!headers.contains("x-amz-request-id") && !headers.contains("x-amzn-RequestId")) {
            headers.set("x-amz-request-id", requestId);
            if (!headers.contains("x-amz-id-2")) {
                headers.set("x-amz-id-2", hostId);
            }
        }
        headers.set(HttpHeaderNames.DATE, date());
        headers.set(HttpHeaderNames.SERVER, "Sallyport");
    }

    private String date() {
        long now = System.currentTimeMillis() / 1000;
        Second known = second;
        if (known.epochSecond != now) {
            known = new Second(now, HTTP_DATE.format(Instant.ofEpochSecond(now)));
            second = known;
        }
        return known.text;
    }

    private record Second(long epochSecond, String text) {}
}

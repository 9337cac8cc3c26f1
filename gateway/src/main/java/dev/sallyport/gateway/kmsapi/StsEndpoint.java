package dev.sallyport.gateway.kmsapi;

import dev.sallyport.kms.Caller;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * STS's GetCallerIdentity in the AWS query protocol: a form in, XML out. It needs no permission. Other actions of STS are
 * refused as unknown.
 *
 * @see <a href="https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html">GetCallerIdentity</a>
 */
public final class StsEndpoint {
    /** The longest form that is read, in bytes. */
    public static final int MAX_BODY = 64 * 1024;

    private static final String NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/";
    private static final String VERSION = "2011-06-15";
    private static final int MAX_FIELDS = 100;

    private StsEndpoint() {}

    /**
     * Answers; never throws for what a client sends.
     *
     * @param form the body of a POST, or the query of a GET: fields separated by ampersands, percent-encoded
     */
    public static Reply handle(Caller caller, String requestId, byte[] form) {
        Map<String, String> fields = fields(form);
        if (fields == null) {
            return error(requestId, 400, "MalformedInput", "The request is not a well-formed form");
        }
        String action = fields.getOrDefault("Action", "");
        String version = fields.getOrDefault("Version", VERSION);
        if (action.isEmpty()) {
            return error(requestId, 400, "MissingAction", "The request must contain the parameter Action");
        }
        if (!action.equals("GetCallerIdentity") || !version.equals(VERSION)) {
            return error(
                    requestId,
                    400,
                    "InvalidAction",
                    "Could not find operation " + cut(action) + " for version " + cut(version));
        }
        return reply(200, requestId, """
                <GetCallerIdentityResponse xmlns="%s">
                  <GetCallerIdentityResult>
                    <Arn>%s</Arn>
                    <UserId>%s</UserId>
                    <Account>%s</Account>
                  </GetCallerIdentityResult>
                  <ResponseMetadata>
                    <RequestId>%s</RequestId>
                  </ResponseMetadata>
                </GetCallerIdentityResponse>
                """.formatted(
                        NAMESPACE,
                        escape(caller.arn()),
                        escape(caller.principalId()),
                        escape(caller.accountId()),
                        escape(requestId)));
    }

    /** The answer to a refused request, also of one that failed authentication, such as {@code InvalidClientTokenId}. */
    public static Reply error(String requestId, int status, String code, String message) {
        return reply(status, requestId, """
                <ErrorResponse xmlns="%s">
                  <Error>
                    <Type>%s</Type>
                    <Code>%s</Code>
                    <Message>%s</Message>
                  </Error>
                  <RequestId>%s</RequestId>
                </ErrorResponse>
                """.formatted(
                NAMESPACE, status < 500 ? "Sender" : "Receiver", escape(code), escape(message), escape(requestId)));
    }

    private static Reply reply(int status, String requestId, String xml) {
        return new Reply(
                status,
                Map.of("content-type", "text/xml", "x-amzn-requestid", requestId),
                xml.getBytes(StandardCharsets.UTF_8));
    }

    /** Null for what is no form: bad UTF-8, bad percent-encoding, a field twice, too many or too long. */
    private static @Nullable Map<String, String> fields(byte[] form) {
        if (form.length > MAX_BODY) {
            return null;
        }
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(form))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
        String[] pairs = text.split("&", MAX_FIELDS + 1);
        if (pairs.length > MAX_FIELDS) {
            return null;
        }
        Map<String, String> fields = new HashMap<>();
        for (String pair : pairs) {
            if (pair.isEmpty()) {
                continue;
            }
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            String value = equals < 0 ? "" : pair.substring(equals + 1);
            try {
                if (fields.put(decode(name), decode(value)) != null) {
                    return null;
                }
            } catch (IllegalArgumentException e) {
                return null;
            }
        }
        return fields;
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private static String cut(String text) {
        return text.length() <= 128 ? text : text.substring(0, 128);
    }

    private static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                default -> {
                    boolean allowed = c == '\t'
                            || c == '\n'
                            || c == '\r'
                            || (c >= 0x20 && c < 0xD800)
                            || (c > 0xDFFF && c != 0xFFFE && c != 0xFFFF);
                    escaped.appendCodePoint(allowed ? c : '?');
                }
            }
        });
        return escaped.toString();
    }
}

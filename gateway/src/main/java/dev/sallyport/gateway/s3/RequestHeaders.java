package dev.sallyport.gateway.s3;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A request's headers by lower-case name, with those that a presigned URL carries as parameters. Repeated ones are joined
 * with a comma where HTTP or S3 knows them as lists, and refused where they are single values.
 */
final class RequestHeaders {
    private final Map<String, String> values = new TreeMap<>();

    RequestHeaders(HttpHeaders headers, Query query) {
        for (Map.Entry<String, String> header : headers) {
            add(header.getKey().toLowerCase(Locale.ROOT), header.getValue().strip());
        }
        query.headers().forEach((name, value) -> {
            requireHeader(name, value);
            HeaderRules.check(name, value);
            String sent = values.putIfAbsent(name, value);
            if (sent != null && !sent.equals(value)) {
                throw S3Errors.invalidArgument("The header and the query parameter differ.", name, value);
            }
        });
    }

    /** What was percent-encoded in a URL need not fit a header, and must not reach the store as one. */
    private static void requireHeader(String name, String value) {
        if (!name.chars().allMatch(RequestHeaders::isToken)
                || value.chars().anyMatch(c -> (c < 0x20 && c != '\t') || c == 0x7f)) {
            throw S3Errors.invalidArgument("The query parameter is no valid header.", printable(name), null);
        }
    }

    private static String printable(String name) {
        return name.replaceAll("[^!-~]", "?");
    }

    /** Of a token of RFC 9110, section 5.6.2. */
    private static boolean isToken(int c) {
        return (c >= '0' && c <= '9')
                || (c >= 'A' && c <= 'Z')
                || (c >= 'a' && c <= 'z')
                || (c < 0x80 && "!#$%&'*+-.^_`|~".indexOf(c) >= 0);
    }

    private void add(String name, String value) {
        HeaderRules.check(name, value);
        String before = values.get(name);
        if (before == null) {
            values.put(name, value);
        } else if (isSingle(name)) {
            throw S3Errors.invalidArgument("The header appears more than once.", name, value);
        } else {
            values.put(name, before + "," + value);
        }
    }

    private static boolean isSingle(String name) {
        return switch (name) {
            case "content-type",
                    "content-md5",
                    "content-length",
                    "expires",
                    "range",
                    "host",
                    "if-modified-since",
                    "if-range",
                    "if-unmodified-since" -> true;
            case "x-amz-object-attributes", "x-amz-optional-object-attributes", "x-amz-trailer" -> false;
            default -> name.startsWith(HeaderRules.PREFIX) && !name.startsWith(HeaderRules.META);
        };
    }

    @Nullable String get(String name) {
        return values.get(name);
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    boolean hasPrefix(String prefix) {
        return values.keySet().stream().anyMatch(name -> name.startsWith(prefix));
    }

    Map<String, String> all() {
        return Collections.unmodifiableMap(values);
    }
}

package dev.sallyport.gateway.s3;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A query string, decoded, split into what names the operation and its parameters, and {@code x-amz-*} headers that a
 * presigned URL carries as parameters. What only the signature needs, and {@code x-id} (the operation's name, which SDKs
 * add for proxies), is left out.
 */
final class Query {
    private static final int MAX_PAIRS = 64;
    private static final Set<String> OF_SIGNATURE = Set.of(
            "x-amz-algorithm",
            "x-amz-credential",
            "x-amz-date",
            "x-amz-expires",
            "x-amz-signedheaders",
            "x-amz-signature",
            "x-amz-security-token",
            "x-amz-content-sha256");

    private final Map<String, String> parameters = new LinkedHashMap<>();
    private final Map<String, String> headers = new LinkedHashMap<>();

    private Query() {}

    static Query parse(String rawTarget) {
        Query query = new Query();
        int mark = rawTarget.indexOf('?');
        if (mark < 0) {
            return query;
        }
        int pairs = 0;
        for (String pair : rawTarget.substring(mark + 1).split("&", -1)) {
            if (pair.isEmpty()) {
                continue;
            }
            int equals = pair.indexOf('=');
            String name = PercentCoding.decode(equals < 0 ? pair : pair.substring(0, equals), true);
            String value = equals < 0 ? "" : PercentCoding.decode(pair.substring(equals + 1), true);
            if (name == null || value == null || ++pairs > MAX_PAIRS) {
                throw S3Errors.invalidUri(rawTarget);
            }
            query.add(name, value);
        }
        return query;
    }

    private void add(String name, String value) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (OF_SIGNATURE.contains(lower) || name.equals("x-id")) {
            return;
        }
        boolean header = lower.startsWith("x-amz-");
        if ((header ? headers.put(lower, value) : parameters.put(name, value)) != null) {
            throw S3Errors.invalidArgument("The query parameter appears more than once.", name, value);
        }
    }

    /** Parameters in the order of the URL; one without a value has an empty one. */
    Map<String, String> parameters() {
        return Collections.unmodifiableMap(parameters);
    }

    /** By lower-case name. */
    Map<String, String> headers() {
        return Collections.unmodifiableMap(headers);
    }

    boolean has(String name) {
        return parameters.containsKey(name);
    }

    @Nullable String get(String name) {
        return parameters.get(name);
    }

    /** An integer of 0 or more; {@code fallback} when absent or empty. */
    int number(String name, int fallback) {
        String value = parameters.get(name);
        if (value == null || value.isEmpty()) {
            return fallback;
        }
        long number;
        try {
            number = Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw S3Errors.invalidArgument("Provided " + name + " not an integer or within integer range", name, value);
        }
        if (number < 0 || number > Integer.MAX_VALUE) {
            throw S3Errors.invalidArgument(
                    "Argument " + name + " must be an integer between 0 and 2147483647", name, value);
        }
        return (int) number;
    }

    /** Whether {@code encoding-type=url} was asked for. */
    boolean urlEncoded() {
        String value = parameters.get("encoding-type");
        if (value == null) {
            return false;
        }
        if (!value.equals("url")) {
            throw S3Errors.invalidArgument("Invalid Encoding Method specified in Request", "encoding-type", value);
        }
        return true;
    }

    /** Refuses every parameter that the operation does not have. */
    void allowOnly(Set<String> allowed) {
        for (String name : parameters.keySet()) {
            if (!allowed.contains(name)) {
                throw S3Errors.notImplemented("query parameter '" + name + "'").with("Parameter", name);
            }
        }
    }
}

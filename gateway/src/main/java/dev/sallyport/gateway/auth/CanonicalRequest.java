package dev.sallyport.gateway.auth;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The canonical form that is hashed into the string to sign. */
final class CanonicalRequest {
    private CanonicalRequest() {}

    static String of(
            String method,
            String canonicalPath,
            String canonicalQuery,
            Map<String, List<String>> sortedHeaders,
            String signedNames,
            String payloadHash) {
        StringBuilder out = new StringBuilder(512);
        out.append(method).append('\n');
        out.append(canonicalPath).append('\n');
        out.append(canonicalQuery).append('\n');
        sortedHeaders.forEach((name, values) -> out.append(name)
                .append(':')
                .append(values.stream().map(CanonicalRequest::trim).collect(Collectors.joining(",")))
                .append('\n'));
        out.append('\n').append(signedNames).append('\n').append(payloadHash);
        return out.toString();
    }

    /** Without blanks at the ends, and with runs of blanks as one. */
    static String trim(String value) {
        StringBuilder out = new StringBuilder(value.length());
        boolean blank = false;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == ' ' || c == '\t') {
                blank = !out.isEmpty();
            } else {
                if (blank) {
                    out.append(' ');
                    blank = false;
                }
                out.append(c);
            }
        }
        return out.toString();
    }
}

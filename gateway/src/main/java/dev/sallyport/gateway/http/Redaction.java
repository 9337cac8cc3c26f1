package dev.sallyport.gateway.http;

import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Takes out of a request what must not reach a log. */
final class Redaction {
    private static final int MAX_TARGET = 4096;
    private static final int MAX_AGENT = 256;

    /** Query parameters whose values are credentials or keys, or prove the possession of one. */
    private static final Set<String> SECRET = Set.of(
            "x-amz-signature",
            "x-amz-security-token",
            "x-amz-server-side-encryption-customer-key",
            "x-amz-server-side-encryption-customer-key-md5",
            "x-amz-copy-source-server-side-encryption-customer-key",
            "x-amz-copy-source-server-side-encryption-customer-key-md5",
            "signature",
            "awsaccesskeyid",
            "policy");

    private Redaction() {}

    /** Names are compared as sent and percent-decoded, so that an encoded letter hides nothing. */
    static String target(String rawTarget) {
        int question = rawTarget.indexOf('?');
        if (question < 0) {
            return cut(rawTarget, MAX_TARGET);
        }
        StringBuilder out = new StringBuilder(rawTarget.substring(0, question + 1));
        String separator = "";
        for (String pair : rawTarget.substring(question + 1).split("&", -1)) {
            int eq = pair.indexOf('=');
            String name = eq < 0 ? pair : pair.substring(0, eq);
            out.append(separator);
            if (eq >= 0 && secret(name)) {
                out.append(name).append("=REDACTED");
            } else {
                out.append(pair);
            }
            separator = "&";
        }
        return cut(out.toString(), MAX_TARGET);
    }

    static @Nullable String userAgent(@Nullable String sent) {
        return sent == null ? null : cut(sent, MAX_AGENT);
    }

    private static boolean secret(String rawName) {
        String name;
        try {
            name = java.net.URLDecoder.decode(rawName, java.nio.charset.StandardCharsets.ISO_8859_1);
        } catch (IllegalArgumentException e) {
            return true;
        }
        return SECRET.contains(name.toLowerCase(Locale.ROOT));
    }

    private static String cut(String text, int max) {
        return text.length() <= max ? text : text.substring(0, max);
    }
}

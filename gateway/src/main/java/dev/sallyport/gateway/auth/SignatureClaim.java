package dev.sallyport.gateway.auth;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a request says of its own signature, from the Authorization header or from a presigned URL's query; nothing of it is
 * verified yet.
 *
 * @param query whether it came by the query
 * @param date of the scope, eight digits
 * @param signedHeaders lower case, in the order given
 * @param signature 64 hex digits
 * @param amzDate X-Amz-Date of the query; null for the header form, whose date is a header
 * @param expires X-Amz-Expires of the query in seconds; 0 for the header form
 * @param token X-Amz-Security-Token of the query; null for none
 * @param contentSha256 X-Amz-Content-Sha256 of the query; null for none
 */
record SignatureClaim(
        boolean query,
        String accessKeyId,
        String date,
        String region,
        String service,
        List<String> signedHeaders,
        String signature,
        @Nullable String amzDate,
        long expires,
        @Nullable String token,
        @Nullable String contentSha256) {
    private static final int MAX_SIGNED_HEADERS = 100;
    private static final long MAX_EXPIRES = 604_800;

    SignatureClaim {
        signedHeaders = List.copyOf(signedHeaders);
    }

    String scope() {
        return date + '/' + region + '/' + service + "/aws4_request";
    }

    /** The service of the scope if it can be found out, without judging anything; null otherwise. */
    static @Nullable String serviceHint(HttpHeaders headers, String rawQuery) {
        String credential = null;
        String header = headers.get("Authorization");
        if (header != null) {
            int at = header.indexOf("Credential=");
            if (at >= 0) {
                int end = header.indexOf(',', at);
                credential = header.substring(at + 11, end < 0 ? header.length() : end);
            }
        } else {
            credential = signatureParameters(rawQuery).get("X-Amz-Credential");
        }
        if (credential == null) {
            return null;
        }
        String[] parts = credential.strip().split("/", -1);
        return parts.length < 5 ? null : parts[parts.length - 2];
    }

    /** @throws AuthException when there is none, or it cannot be parsed */
    static SignatureClaim of(HttpHeaders headers, String rawQuery, AuthErrors errors) {
        List<String> header = headers.getAll("Authorization");
        Map<String, String> parameters = signatureParameters(rawQuery);
        boolean inQuery = parameters.containsKey("X-Amz-Algorithm")
                || parameters.containsKey("X-Amz-Signature")
                || parameters.containsKey("X-Amz-Credential");
        boolean v2Query = parameters.containsKey("Signature") && parameters.containsKey("AWSAccessKeyId");
        if (header.size() + (inQuery ? 1 : 0) + (v2Query ? 1 : 0) > 1) {
            throw errors.twoMechanisms();
        }
        if (v2Query) {
            throw errors.unsupported("Signature Version 2");
        }
        if (inQuery) {
            return ofQuery(parameters, errors);
        }
        if (header.isEmpty()) {
            throw errors.missing();
        }
        return ofHeader(header.getFirst(), errors);
    }

    static SignatureClaim ofHeader(String header, AuthErrors errors) {
        int blank = header.indexOf(' ');
        String algorithm = blank < 0 ? header : header.substring(0, blank);
        if (algorithm.equals("AWS")) {
            throw errors.unsupported("Signature Version 2");
        }
        if (algorithm.startsWith("AWS4-ECDSA")) {
            throw errors.unsupported("AWS4-ECDSA-P256-SHA256, Signature Version 4A");
        }
        if (!algorithm.equals(SigV4.ALGORITHM)) {
            String shown = algorithm.matches("[A-Za-z0-9-]{1,32}") ? algorithm : "unknown";
            throw errors.unsupported(shown);
        }
        Map<String, String> parts = new HashMap<>();
        for (String piece : header.substring(algorithm.length()).split(",", -1)) {
            int eq = piece.indexOf('=');
            if (eq < 0
                    || parts.put(
                                    piece.substring(0, eq).strip(),
                                    piece.substring(eq + 1).strip())
                            != null) {
                throw errors.malformed(false, "the parameters must be Credential, SignedHeaders and Signature.");
            }
        }
        String credential = parts.get("Credential");
        String signed = parts.get("SignedHeaders");
        String signature = parts.get("Signature");
        if (credential == null) {
            throw errors.malformed(false, "missing Credential.");
        }
        if (signed == null) {
            throw errors.malformed(false, "missing SignedHeaders.");
        }
        if (signature == null) {
            throw errors.malformed(false, "missing Signature.");
        }
        if (parts.size() != 3) {
            throw errors.malformed(false, "the parameters must be Credential, SignedHeaders and Signature.");
        }
        String[] scope = scope(credential, false, errors);
        return new SignatureClaim(
                false,
                scope[0],
                scope[1],
                scope[2],
                scope[3],
                signedHeaders(signed, false, errors),
                signature(signature, false, errors),
                null,
                0,
                null,
                null);
    }

    private static SignatureClaim ofQuery(Map<String, String> parameters, AuthErrors errors) {
        String algorithm = parameters.get("X-Amz-Algorithm");
        String credential = parameters.get("X-Amz-Credential");
        String signed = parameters.get("X-Amz-SignedHeaders");
        String signature = parameters.get("X-Amz-Signature");
        String amzDate = parameters.get("X-Amz-Date");
        String expires = parameters.get("X-Amz-Expires");
        if (algorithm != null && algorithm.startsWith("AWS4-ECDSA")) {
            throw errors.unsupported("AWS4-ECDSA-P256-SHA256, Signature Version 4A");
        }
        if (algorithm != null && !algorithm.equals(SigV4.ALGORITHM)) {
            throw errors.malformed(true, "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"");
        }
        if (algorithm == null
                || credential == null
                || signed == null
                || signature == null
                || amzDate == null
                || expires == null) {
            throw errors.malformed(
                    true,
                    "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential,"
                            + " X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.");
        }
        String[] scope = scope(credential, true, errors);
        return new SignatureClaim(
                true,
                scope[0],
                scope[1],
                scope[2],
                scope[3],
                signedHeaders(signed, true, errors),
                signature(signature, true, errors),
                amzDate,
                expires(expires, errors),
                parameters.get("X-Amz-Security-Token"),
                parameters.get("X-Amz-Content-Sha256"));
    }

    private static long expires(String text, AuthErrors errors) {
        if (text.startsWith("-") && text.length() < 20) {
            throw errors.malformed(true, "X-Amz-Expires must be non-negative");
        }
        if (text.length() > 18 || !isDigits(text)) {
            throw errors.malformed(true, "X-Amz-Expires should be a number");
        }
        long seconds = Long.parseLong(text);
        if (seconds > MAX_EXPIRES) {
            throw errors.malformed(
                    true,
                    "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less"
                            + " than 604800 seconds");
        }
        return seconds;
    }

    /** Access key id, date, region, service. */
    private static String[] scope(String credential, boolean query, AuthErrors errors) {
        String[] parts = credential.split("/", -1);
        if (parts.length != 5 || parts[0].isEmpty() || parts[0].length() > 128) {
            throw errors.malformed(
                    query,
                    "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".");
        }
        if (parts[1].length() != 8 || !isDigits(parts[1])) {
            throw errors.malformed(
                    query, "incorrect date format. This date in the credential must be in the format \"yyyyMMdd\".");
        }
        if (!parts[4].equals("aws4_request")) {
            throw errors.malformed(query, "incorrect terminal. This endpoint uses \"aws4_request\".");
        }
        if (!isPlainName(parts[2]) || !isPlainName(parts[3])) {
            throw errors.malformed(query, "the Credential is mal-formed; region and service must be plain names.");
        }
        return parts;
    }

    private static List<String> signedHeaders(String text, boolean query, AuthErrors errors) {
        String[] names = text.split(";", -1);
        Set<String> different = HashSet.newHashSet(names.length);
        for (String name : names) {
            if (names.length > MAX_SIGNED_HEADERS
                    || name.isEmpty()
                    || !name.equals(name.toLowerCase(Locale.ROOT))
                    || !different.add(name)) {
                throw errors.malformed(query, "the SignedHeaders must be a list of lower-case names.");
            }
        }
        return List.of(names);
    }

    // Loops and no patterns: every request passes here.
    private static boolean isDigits(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static boolean isPlainName(String text) {
        return !text.isEmpty()
                && text.length() <= 32
                && text.chars().allMatch(c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-');
    }

    private static String signature(String text, boolean query, AuthErrors errors) {
        if (text.length() != 64 || !text.chars().allMatch(HexFormat::isHexDigit)) {
            throw errors.malformed(query, "the Signature must be 64 hexadecimal digits.");
        }
        return text.toLowerCase(Locale.ROOT);
    }

    /** The query's parameters that matter for a signature; the first of each name. */
    private static Map<String, String> signatureParameters(String rawQuery) {
        Map<String, String> found = new HashMap<>();
        if (rawQuery.isEmpty()) {
            return found;
        }
        for (String piece : rawQuery.split("&", -1)) {
            int eq = piece.indexOf('=');
            if (eq > 0) {
                try {
                    String name = UriText.decodeToString(piece.substring(0, eq));
                    if (name.startsWith("X-Amz-") || name.equals("Signature") || name.equals("AWSAccessKeyId")) {
                        found.putIfAbsent(name, UriText.decodeToString(piece.substring(eq + 1)));
                    }
                } catch (IllegalArgumentException ignored) {
                    // bad percent-encoding: refused when the canonical query is built
                }
            }
        }
        return found;
    }
}

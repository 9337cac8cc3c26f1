package dev.sallyport.gateway.auth;

import dev.sallyport.gateway.http.Exchange;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Verifies the SigV4 signature of clients, in the Authorization header or in the query of a presigned URL. Nobody is
 * anonymous. SigV2 and SigV4A are refused by name.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html">Authenticating
 *     requests: SigV4 (S3)</a>
 */
public final class SigV4Verifier {
    /** How far a request's date may lie from the server's. */
    static final Duration SKEW = Duration.ofMinutes(15);

    private final Credentials credentials;
    private final List<String> regions;
    private final Clock clock;
    private final SigningKeys keys = new SigningKeys();

    /** @param regions those that requests may be signed for; errors name the first */
    public SigV4Verifier(Credentials credentials, List<String> regions, Clock clock) {
        if (regions.isEmpty()) {
            throw new IllegalArgumentException("no region");
        }
        this.credentials = credentials;
        this.regions = List.copyOf(regions);
        this.clock = clock;
    }

    /** The service that a request is meant for: by its scope; without one by {@code X-Amz-Target}; else S3. */
    public static AwsService serviceOf(Exchange exchange) {
        String hint = SignatureClaim.serviceHint(exchange.headers(), query(exchange.rawTarget()));
        if (hint != null) {
            for (AwsService service : AwsService.values()) {
                if (service.scopeName().equals(hint)) {
                    return service;
                }
            }
        }
        String target = exchange.headers().get("X-Amz-Target");
        return target != null ? AwsService.KMS : AwsService.S3;
    }

    /**
     * Verifies an S3 request's head; its body is verified as it flows.
     *
     * @throws AuthException with S3's error
     */
    public VerifiedRequest verifyS3(Exchange exchange) {
        AuthErrors errors = new AuthErrors(AwsService.S3);
        HttpHeaders headers = exchange.headers();
        SignatureClaim claim = SignatureClaim.of(headers, query(exchange.rawTarget()), errors);
        Instant now = clock.instant();
        String amzDate = checkScopeAndTime(claim, headers, AwsService.S3, errors, now);
        Credential credential = credential(claim, headers, errors, now);
        Payload payload = payload(claim, headers, errors);
        byte[] key = checkSignature(exchange, claim, credential, amzDate, payload.header(), AwsService.S3, errors);
        return new Verified(
                credential.caller(),
                claim,
                payload,
                decodedLength(exchange, payload, errors),
                headers,
                () -> new ChunkSignatures(key, amzDate, claim.scope(), claim.signature()));
    }

    /**
     * Refuses what {@link #verify} would refuse whatever the body is, so that nobody's body is kept in memory before it is
     * known whose it claims to be.
     *
     * @throws AuthException with that service's error
     */
    public void verifyClaim(Exchange exchange, AwsService service) {
        AuthErrors errors = new AuthErrors(service);
        HttpHeaders headers = exchange.headers();
        SignatureClaim claim = SignatureClaim.of(headers, query(exchange.rawTarget()), errors);
        Instant now = clock.instant();
        checkScopeAndTime(claim, headers, service, errors, now);
        credential(claim, headers, errors, now);
        signedHeaders(headers, claim, errors);
    }

    /**
     * Verifies a request of a service whose signature covers the body's hash, which {@code body} must have.
     *
     * @throws AuthException with that service's error
     */
    public VerifiedRequest verify(Exchange exchange, AwsService service, byte[] body) {
        AuthErrors errors = new AuthErrors(service);
        HttpHeaders headers = exchange.headers();
        SignatureClaim claim = SignatureClaim.of(headers, query(exchange.rawTarget()), errors);
        Instant now = clock.instant();
        String amzDate = checkScopeAndTime(claim, headers, service, errors, now);
        Credential credential = credential(claim, headers, errors, now);
        String hash = SigV4.sha256Hex(body);
        byte[] key = checkSignature(exchange, claim, credential, amzDate, hash, service, errors);
        return new Verified(
                credential.caller(),
                claim,
                new Payload.Hashed(hash),
                body.length,
                headers,
                () -> new ChunkSignatures(key, amzDate, claim.scope(), claim.signature()));
    }

    /** Returns the date as it was signed. */
    private String checkScopeAndTime(
            SignatureClaim claim, HttpHeaders headers, AwsService service, AuthErrors errors, Instant now) {
        if (!claim.service().equals(service.scopeName())) {
            throw errors.malformed(
                    claim.query(),
                    "incorrect service \"" + claim.service() + "\". This endpoint belongs to \"" + service.scopeName()
                            + "\".");
        }
        if (!regions.contains(claim.region())) {
            throw errors.wrongRegion(claim.query(), claim.region(), regions.getFirst());
        }
        String amzDate = claim.query() ? claim.amzDate() : headerDate(headers);
        Instant signed = amzDate == null ? null : parse(amzDate);
        if (amzDate == null || signed == null) {
            throw claim.query()
                    ? errors.malformed(true, "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
                    : errors.noDate();
        }
        if (!amzDate.startsWith(claim.date())) {
            throw errors.malformed(
                    claim.query(),
                    "Invalid credential date \"" + claim.date() + "\". This date is not the same as X-Amz-Date: \""
                            + amzDate.substring(0, 8) + "\".");
        }
        if (claim.query()) {
            Duration lifetime = Duration.ofSeconds(claim.expires());
            if (signed.isAfter(now.plus(SKEW))) {
                throw errors.notYetValid(signed, now);
            }
            if (now.isAfter(signed.plus(lifetime))) {
                throw errors.expired(signed, lifetime, now);
            }
        } else if (Duration.between(signed, now).abs().compareTo(SKEW) > 0) {
            throw errors.skewed(signed, now);
        }
        return amzDate;
    }

    private Credential credential(SignatureClaim claim, HttpHeaders headers, AuthErrors errors, Instant now) {
        Credential credential =
                credentials.find(claim.accessKeyId(), now).orElseThrow(() -> errors.unknownKey(claim.accessKeyId()));
        if (claim.token() != null || headers.contains("X-Amz-Security-Token")) {
            throw errors.unexpectedToken();
        }
        return credential;
    }

    private static Payload payload(SignatureClaim claim, HttpHeaders headers, AuthErrors errors) {
        List<String> values = headers.getAll("x-amz-content-sha256");
        if (values.size() > 1) {
            throw errors.invalidRequest("The header x-amz-content-sha256 appears more than once.");
        }
        String value =
                values.isEmpty() ? claim.contentSha256() : values.getFirst().strip();
        if (value == null) {
            if (!claim.query()) {
                throw errors.invalidRequest("Missing required header for this request: x-amz-content-sha256");
            }
            return new Payload.Unsigned();
        }
        return Payload.parse(value, errors);
    }

    private byte[] checkSignature(
            Exchange exchange,
            SignatureClaim claim,
            Credential credential,
            String amzDate,
            String payloadHash,
            AwsService service,
            AuthErrors errors) {
        Map<String, List<String>> signed = signedHeaders(exchange.headers(), claim, errors);
        String canonical;
        try {
            String path = path(exchange.rawTarget());
            canonical = CanonicalRequest.of(
                    exchange.method(),
                    service == AwsService.S3 ? UriText.canonicalS3Path(path) : UriText.canonicalServicePath(path),
                    UriText.canonicalQuery(query(exchange.rawTarget()), claim.query() ? "X-Amz-Signature" : ""),
                    signed,
                    String.join(";", claim.signedHeaders()),
                    payloadHash);
        } catch (IllegalArgumentException e) {
            throw errors.badUri();
        }
        byte[] key = keys.of(credential, claim);
        String stringToSign = SigV4.stringToSign(amzDate, claim.scope(), canonical);
        String expected = SigV4.hex(SigV4.hmac(key, stringToSign));
        if (!sameText(expected, claim.signature())) {
            throw errors.mismatch(claim.accessKeyId(), claim.signature(), stringToSign, canonical);
        }
        return key;
    }

    /** The signed headers' values, after it is clear that everything that must be signed is. */
    private static Map<String, List<String>> signedHeaders(
            HttpHeaders headers, SignatureClaim claim, AuthErrors errors) {
        List<String> names = claim.signedHeaders();
        StringBuilder missing = new StringBuilder();
        if (!names.contains("host")) {
            missing.append("host");
        }
        for (String name : headers.names()) {
            String lower = name.toLowerCase(Locale.ROOT);
            if (lower.startsWith("x-amz-") && !names.contains(lower)) {
                missing.append(missing.isEmpty() ? "" : ", ").append(lower);
            }
        }
        if (!missing.isEmpty()) {
            throw errors.unsignedHeaders(missing.toString());
        }
        Map<String, List<String>> signed = new LinkedHashMap<>();
        for (String name : names) {
            List<String> values = headers.getAll(name);
            signed.put(name, values.isEmpty() ? List.of("") : values);
        }
        return signed;
    }

    private static long decodedLength(Exchange exchange, Payload payload, AuthErrors errors) {
        if (!(payload instanceof Payload.Chunked)) {
            return exchange.contentLength();
        }
        String text = exchange.headers().get("x-amz-decoded-content-length");
        if (text == null) {
            throw errors.missingLength();
        }
        if (!text.matches("[0-9]{1,18}")) {
            throw errors.invalidArgument(
                    "The value of x-amz-decoded-content-length is not a number.", "x-amz-decoded-content-length", text);
        }
        return Long.parseLong(text);
    }

    private static @Nullable String headerDate(HttpHeaders headers) {
        String amz = headers.get("x-amz-date");
        if (amz != null) {
            return amz.strip();
        }
        String date = headers.get("Date");
        if (date == null) {
            return null;
        }
        if (parse(date.strip()) != null) {
            return date.strip();
        }
        try {
            return SigV4.amzDate(ZonedDateTime.parse(date.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant());
        } catch (DateTimeException e) {
            return null;
        }
    }

    private static @Nullable Instant parse(String amzDate) {
        if (amzDate.length() != 16) {
            return null;
        }
        try {
            return java.time.LocalDateTime.parse(amzDate, SigV4.AMZ_DATE).toInstant(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            return null;
        }
    }

    /** In constant time. */
    static boolean sameText(String expected, String given) {
        return MessageDigest.isEqual(expected.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
    }

    private static String path(String rawTarget) {
        int question = rawTarget.indexOf('?');
        return question < 0 ? rawTarget : rawTarget.substring(0, question);
    }

    private static String query(String rawTarget) {
        int question = rawTarget.indexOf('?');
        return question < 0 ? "" : rawTarget.substring(question + 1);
    }
}

package dev.sallyport.gateway.auth;

import dev.sallyport.kms.crypto.SecretBytes;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Signs requests to the store with SigV4 in the Authorization header, by S3's rules of canonical form (the path encoded
 * once, nothing normalised). Safe for use by several threads; the key of the day is derived once.
 */
public final class SigV4Signer {
    private final String accessKeyId;
    private final SecretBytes secret;
    private final String region;
    private final String service;
    private volatile @Nullable DayKey dayKey;

    /** @param secret stays the caller's to close, after the last use of this signer */
    public SigV4Signer(String accessKeyId, SecretBytes secret, String region, String service) {
        this.accessKeyId = accessKeyId;
        this.secret = secret;
        this.region = region;
        this.service = service;
    }

    /**
     * Sets {@code Host}, {@code x-amz-date}, {@code x-amz-content-sha256} and {@code Authorization}. Host, Content-Type,
     * Content-MD5 and every {@code x-amz-*} header are signed, so nothing of these may change afterwards.
     *
     * @param host host and, unless it is the scheme's own, port
     * @param rawPath the path as sent, percent-encoded, beginning with {@code /}
     * @param rawQuery the query as sent, without {@code ?}; empty for none
     * @param payloadHash SHA-256 of the body in lower-case hex, or {@code UNSIGNED-PAYLOAD}
     */
    public void sign(
            String method,
            String host,
            String rawPath,
            String rawQuery,
            HttpHeaders headers,
            String payloadHash,
            Instant now) {
        String amzDate = SigV4.amzDate(now);
        headers.set("Host", host);
        headers.set("x-amz-date", amzDate);
        headers.set("x-amz-content-sha256", payloadHash);
        TreeMap<String, List<String>> signed = new TreeMap<>();
        for (Map.Entry<String, String> header : headers) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            if (name.startsWith("x-amz-")
                    || name.equals("host")
                    || name.equals("content-type")
                    || name.equals("content-md5")) {
                signed.put(name, headers.getAll(name));
            }
        }
        String signedNames = String.join(";", signed.keySet());
        String canonical = CanonicalRequest.of(
                method,
                UriText.canonicalS3Path(rawPath),
                UriText.canonicalQuery(rawQuery, ""),
                signed,
                signedNames,
                payloadHash);
        String date = amzDate.substring(0, 8);
        String scope = date + '/' + region + '/' + service + "/aws4_request";
        String signature = SigV4.hex(SigV4.hmac(keyOf(date), SigV4.stringToSign(amzDate, scope, canonical)));
        headers.set(
                "Authorization",
                SigV4.ALGORITHM + " Credential=" + accessKeyId + '/' + scope + ", SignedHeaders=" + signedNames
                        + ", Signature=" + signature);
    }

    private byte[] keyOf(String date) {
        DayKey known = dayKey;
        if (known == null || !known.date.equals(date)) {
            known = new DayKey(date, secret.use(bytes -> SigV4.signingKey(bytes, date, region, service)));
            dayKey = known;
        }
        return known.key;
    }

    @Override
    public String toString() {
        return "SigV4Signer[" + accessKeyId + ", " + region + ", " + service + "]";
    }

    private static final class DayKey {
        private final String date;
        private final byte[] key;

        DayKey(String date, byte[] key) {
            this.date = date;
            this.key = key;
        }
    }
}

package dev.sallyport.kms.service;

import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.KmsException.Code;
import dev.sallyport.kms.crypto.ConstantTime;
import dev.sallyport.kms.crypto.Hmac;
import dev.sallyport.kms.crypto.Kbkdf;
import dev.sallyport.kms.crypto.RandomBytes;
import dev.sallyport.kms.crypto.SecretBytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * Grant tokens. A token names a grant and gives nobody anything: only its grantee uses a grant, and a grant works from the
 * moment it is made, with its token and without. It is a MAC over a random part and the grant's name, so that a client
 * cannot make one; nothing is stored, and the token of a grant that is gone names nothing.
 *
 * @see <a href="https://docs.aws.amazon.com/kms/latest/developerguide/using-grant-token.html">Using a grant token</a>
 */
final class GrantTokens {
    private static final byte VERSION = 1;
    private static final int NONCE = 16;
    private static final int MAC = 16;
    private static final int HEAD = 1 + NONCE + MAC;
    private static final byte[] LABEL = "sallyport/v1/grant-token".getBytes(StandardCharsets.US_ASCII);

    private final DomainKeys domainKeys;

    GrantTokens(DomainKeys domainKeys) {
        this.domainKeys = domainKeys;
    }

    /** What a token names. */
    record Name(String accountId, String keyId, String grantId) {}

    /** A new token, different each time. */
    String make(GrantRecord grant, String grantId) {
        byte[] nonce = RandomBytes.of(NONCE);
        byte[] name = (grant.accountId() + "/" + grant.keyId() + "/" + grantId).getBytes(StandardCharsets.US_ASCII);
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(ByteBuffer.allocate(HEAD + name.length)
                        .put(VERSION)
                        .put(nonce)
                        .put(mac(grant.region(), nonce, name))
                        .put(name)
                        .array());
    }

    /**
     * What the token names, which may be gone.
     *
     * @throws KmsException {@code InvalidGrantTokenException} for what is no token of this region
     */
    Name read(String region, String token) {
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(token);
        } catch (IllegalArgumentException e) {
            throw invalid();
        }
        if (bytes.length <= HEAD || bytes[0] != VERSION) {
            throw invalid();
        }
        byte[] nonce = Arrays.copyOfRange(bytes, 1, 1 + NONCE);
        byte[] name = Arrays.copyOfRange(bytes, HEAD, bytes.length);
        if (!ConstantTime.equals(mac(region, nonce, name), Arrays.copyOfRange(bytes, 1 + NONCE, HEAD))) {
            throw invalid();
        }
        String[] parts = new String(name, StandardCharsets.US_ASCII).split("/", 3);
        return new Name(parts[0], parts[1], parts[2]);
    }

    /**
     * Refuses a call that brings what is no token.
     *
     * @throws KmsException {@code InvalidGrantTokenException}
     */
    void check(CallContext call) {
        for (String token : call.grantTokens()) {
            read(call.region(), token);
        }
    }

    private byte[] mac(String region, byte[] nonce, byte[] name) {
        try (SecretBytes domain = domainKeys.domainKey(region);
                SecretBytes key = Kbkdf.counterHmacSha256(domain, LABEL, new byte[0], Hmac.SHA256_BYTES)) {
            return Arrays.copyOf(Hmac.sha256(key, new byte[] {VERSION}, nonce, name), MAC);
        }
    }

    private static KmsException invalid() {
        return new KmsException(Code.INVALID_GRANT_TOKEN, "Invalid grant token.");
    }
}

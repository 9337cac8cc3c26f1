package dev.sallyport.kms.service;

import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.KmsException.Code;
import dev.sallyport.kms.crypto.ConstantTime;
import dev.sallyport.kms.crypto.Hmac;
import dev.sallyport.kms.crypto.Kbkdf;
import dev.sallyport.kms.crypto.SecretBytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The markers of listings: where to go on, with a MAC over it and over the listing it belongs to, so that a client can
 * neither make one nor carry one to another listing.
 */
final class Markers {
    private static final int MAC_BYTES = 16;
    private static final byte[] LABEL = "sallyport/v1/marker".getBytes(StandardCharsets.US_ASCII);

    private final DomainKeys domainKeys;

    Markers(DomainKeys domainKeys) {
        this.domainKeys = domainKeys;
    }

    /** @param subject what is listed beside operation, account and region: a key's id, or nothing */
    String make(Call call, String subject, String after) {
        byte[] position = after.getBytes(StandardCharsets.UTF_8);
        byte[] mac = mac(call, subject, position);
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(ByteBuffer.allocate(mac.length + position.length)
                        .put(mac)
                        .put(position)
                        .array());
    }

    /**
     * Where the listing goes on; null at its start.
     *
     * @throws KmsException {@code InvalidMarkerException}
     */
    @Nullable String read(Call call, String subject, @Nullable String marker) {
        if (marker == null) {
            return null;
        }
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(marker);
        } catch (IllegalArgumentException e) {
            throw invalid();
        }
        if (bytes.length <= MAC_BYTES) {
            throw invalid();
        }
        byte[] position = Arrays.copyOfRange(bytes, MAC_BYTES, bytes.length);
        if (!ConstantTime.equals(mac(call, subject, position), Arrays.copyOf(bytes, MAC_BYTES))) {
            throw invalid();
        }
        return new String(position, StandardCharsets.UTF_8);
    }

    private byte[] mac(Call call, String subject, byte[] position) {
        String listing =
                call.operation().wireName() + "\n" + call.accountId() + "\n" + call.region() + "\n" + subject + "\n";
        try (SecretBytes domain = domainKeys.domainKey(call.region());
                SecretBytes key = Kbkdf.counterHmacSha256(domain, LABEL, new byte[0], Hmac.SHA256_BYTES)) {
            return Arrays.copyOf(Hmac.sha256(key, listing.getBytes(StandardCharsets.UTF_8), position), MAC_BYTES);
        }
    }

    private static KmsException invalid() {
        return new KmsException(Code.INVALID_MARKER, "Invalid marker.");
    }
}

package dev.sallyport.volume.luks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.crypto.SecretBytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The {@code sallyport-kms} token: what opens the volume key at the KMS, and a MAC by which a changed header shows.
 *
 * <p>The MAC covers the image's uuid, the digest without its keyslots, every field of the crypt segment, the encryption
 * context and the size. It leaves out what {@code cryptsetup} may rightly change: keyslots, sequence id, config, labels.
 * Byte for byte: {@code volume-agent/docs/luks2-token.md}.
 */
public final class Token {
    /** Not beginning with {@code luks2-}, which is reserved. */
    public static final String TYPE = "sallyport-kms";

    private static final String MAC_LABEL = "sallyport-luks2-token-v1";
    private static final int MAX_CONTEXT = 8192;

    private final String keyArn;
    private final byte[] wrappedKey;
    private final EncryptionContext context;
    private final long size;

    /**
     * @param keyArn the KMS key that wrapped the volume key
     * @param wrappedKey volume key ‖ 32-byte MAC key, wrapped; at most 6,144 bytes
     * @param context the encryption context, whole
     * @param size the volume's size in bytes
     */
    public Token(String keyArn, byte[] wrappedKey, EncryptionContext context, long size) {
        if (keyArn.isEmpty()
                || keyArn.length() > 2048
                || wrappedKey.length == 0
                || wrappedKey.length > 6144
                || size < 0) {
            throw new LuksException("a field of the sallyport-kms token is out of bounds");
        }
        this.keyArn = keyArn;
        this.wrappedKey = wrappedKey.clone();
        this.context = context;
        this.size = size;
    }

    public String keyArn() {
        return keyArn;
    }

    public byte[] wrappedKey() {
        return wrappedKey.clone();
    }

    public EncryptionContext context() {
        return context;
    }

    public long size() {
        return size;
    }

    static Token parse(ObjectNode json) {
        if (json.path("version").asInt() != 1) {
            throw new LuksException("the sallyport-kms token has version "
                    + Json.printable(json.path("version").toString()) + "; this program knows 1");
        }
        Map<String, String> pairs = new LinkedHashMap<>();
        int length = 0;
        for (Map.Entry<String, JsonNode> pair :
                Json.object(json, "encryption_context").properties()) {
            if (!pair.getValue().isTextual()) {
                throw new LuksException("the encryption context of the sallyport-kms token is malformed");
            }
            pairs.put(pair.getKey(), pair.getValue().asText());
            length += pair.getKey().length() + pair.getValue().asText().length();
        }
        if (length > MAX_CONTEXT) {
            throw new LuksException(
                    "the encryption context of the sallyport-kms token is over " + MAX_CONTEXT + " characters");
        }
        return new Token(
                json.path("key_arn").asText(),
                Json.base64(json, "wrapped_key", 6144),
                new EncryptionContext(pairs),
                Json.number(json, "size"));
    }

    /** The token for a header with this uuid, digest and segment. */
    ObjectNode json(String uuid, ObjectNode digest, ObjectNode segment, SecretBytes macKey) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("type", TYPE);
        json.putArray("keyslots");
        json.put("version", 1);
        json.put("key_arn", keyArn);
        json.put("wrapped_key", Base64.getEncoder().encodeToString(wrappedKey));
        ObjectNode pairs = json.putObject("encryption_context");
        context.pairs().forEach(pairs::put);
        json.put("size", Long.toString(size));
        json.put("mac", Base64.getEncoder().encodeToString(mac(uuid, digest, segment, macKey)));
        return json;
    }

    /** Whether the MAC in {@code json} is right for this header. Compared in constant time. */
    boolean verify(ObjectNode json, String uuid, ObjectNode digest, ObjectNode segment, SecretBytes macKey) {
        return MessageDigest.isEqual(Json.base64(json, "mac", 32), mac(uuid, digest, segment, macKey));
    }

    private byte[] mac(String uuid, ObjectNode digest, ObjectNode segment, SecretBytes macKey) {
        ObjectNode bare = digest.deepCopy();
        bare.remove("keyslots");
        return macKey.use(key -> {
            try {
                Mac mac = Mac.getInstance("HmacSHA256");
                mac.init(new SecretKeySpec(key, "HmacSHA256"));
                part(mac, MAC_LABEL.getBytes(StandardCharsets.US_ASCII));
                part(mac, uuid.getBytes(StandardCharsets.UTF_8));
                part(mac, Json.canonical(bare).getBytes(StandardCharsets.UTF_8));
                part(mac, Json.canonical(segment).getBytes(StandardCharsets.UTF_8));
                part(mac, context.canonicalBytes());
                mac.update(ByteBuffer.allocate(8).putLong(size).flip());
                return mac.doFinal();
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("HmacSHA256", e);
            }
        });
    }

    private static void part(Mac mac, byte[] bytes) {
        mac.update(ByteBuffer.allocate(4).putInt(bytes.length).flip());
        mac.update(bytes);
    }
}

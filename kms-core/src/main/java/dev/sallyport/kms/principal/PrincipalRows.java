package dev.sallyport.kms.principal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.kms.store.Row;
import dev.sallyport.kms.store.StoreException;
import dev.sallyport.kms.store.StoreException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The rows of principals.
 *
 * <ul>
 *   <li>{@code principal}, id {@code ACCOUNT/NAME}: JSON
 *   <li>{@code access-key}, id the access key id, index {@code ACCOUNT/NAME}: the length of a JSON text in 16 bits, that text,
 *       and the secret's ASCII bytes, so that the secret is never part of a string
 *   <li>{@code principal-policy}, id {@code ACCOUNT/NAME/POLICY}: the document as it was put
 * </ul>
 */
final class PrincipalRows {
    static final String PRINCIPAL = "principal";
    static final String ACCESS_KEY = "access-key";
    static final String POLICY = "principal-policy";

    private static final ObjectMapper MAPPER = JsonMapper.builder().build();

    private PrincipalRows() {}

    /** What a principal's own row says. */
    record Principal(String account, String name, String principalId, boolean enabled, Instant created) {
        String key() {
            return account + "/" + name;
        }

        String arn() {
            return "arn:aws:iam::" + account + ":user/" + name;
        }

        Principal withEnabled(boolean other) {
            return new Principal(account, name, principalId, other, created);
        }
    }

    static Row row(Principal principal) {
        ObjectNode json = MAPPER.createObjectNode();
        json.put("v", 1);
        json.put("principalId", principal.principalId());
        json.put("enabled", principal.enabled());
        json.put("created", principal.created().toString());
        return new Row(PRINCIPAL, principal.key(), null, bytes(json));
    }

    static Principal principal(Row row) {
        int slash = row.id().indexOf('/');
        if (slash < 0) {
            throw unreadable(row);
        }
        JsonNode json = json(row, row.payload());
        return new Principal(
                row.id().substring(0, slash),
                row.id().substring(slash + 1),
                text(row, json, "principalId"),
                json.path("enabled").asBoolean(false),
                instant(row, text(row, json, "created")));
    }

    static Row row(String principalKey, AccessKeyInfo info, SecretBytes secret) {
        ObjectNode json = MAPPER.createObjectNode();
        json.put("v", 1);
        json.put("type", info.type().wireName());
        json.put("active", info.active());
        json.put("created", info.created().toString());
        json.put("expires", info.expires() == null ? null : info.expires().toString());
        json.put("session", info.session());
        byte[] head = bytes(json);
        byte[] secretBytes = secret.exposeCopy();
        byte[] payload = ByteBuffer.allocate(2 + head.length + secretBytes.length)
                .putShort((short) head.length)
                .put(head)
                .put(secretBytes)
                .array();
        try {
            return new Row(ACCESS_KEY, info.id(), principalKey, payload);
        } finally {
            Arrays.fill(secretBytes, (byte) 0);
            Arrays.fill(payload, (byte) 0);
        }
    }

    static AccessKeyInfo accessKey(Row row) {
        byte[] payload = row.payload();
        try {
            JsonNode json = json(row, Arrays.copyOfRange(payload, 2, 2 + headLength(row, payload)));
            String type = text(row, json, "type");
            return new AccessKeyInfo(
                    row.id(),
                    Arrays.stream(AccessKeyType.values())
                            .filter(each -> each.wireName().equals(type))
                            .findFirst()
                            .orElseThrow(() -> unreadable(row)),
                    json.path("active").asBoolean(false),
                    instant(row, text(row, json, "created")),
                    json.path("expires").isTextual()
                            ? instant(row, json.path("expires").textValue())
                            : null,
                    json.path("session").textValue());
        } finally {
            Arrays.fill(payload, (byte) 0);
        }
    }

    static SecretBytes secret(Row row) {
        byte[] payload = row.payload();
        try {
            int start = 2 + headLength(row, payload);
            return SecretBytes.copyOf(payload, start, payload.length - start);
        } finally {
            Arrays.fill(payload, (byte) 0);
        }
    }

    /** {@code ACCOUNT/NAME} of the key's owner. */
    static String owner(Row accessKey) {
        @Nullable String index = accessKey.index();
        if (index == null) {
            throw unreadable(accessKey);
        }
        return index;
    }

    private static int headLength(Row row, byte[] payload) {
        int length = payload.length < 2 ? -1 : ByteBuffer.wrap(payload).getShort() & 0xffff;
        if (length < 0 || 2 + length > payload.length) {
            throw unreadable(row);
        }
        return length;
    }

    private static byte[] bytes(ObjectNode json) {
        try {
            return MAPPER.writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode json(Row row, byte[] bytes) {
        try {
            JsonNode json = MAPPER.readTree(bytes);
            if (json.path("v").asInt() != 1) {
                throw unreadable(row);
            }
            return json;
        } catch (IOException e) {
            throw unreadable(row);
        }
    }

    private static String text(Row row, JsonNode json, String field) {
        String value = json.path(field).textValue();
        if (value == null) {
            throw unreadable(row);
        }
        return value;
    }

    private static Instant instant(Row row, String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            throw unreadable(row);
        }
    }

    private static StoreException unreadable(Row row) {
        return new StoreException(
                Reason.CORRUPT,
                "key store row " + row.kind() + " '" + row.id() + "' is not of a form that this version reads");
    }
}

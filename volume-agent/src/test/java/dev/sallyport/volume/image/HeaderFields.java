package dev.sallyport.volume.image;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Base64;

/** Ways to the fields of LUKS2 metadata. */
final class HeaderFields {
    private static final ObjectMapper JSON = new ObjectMapper();

    private HeaderFields() {}

    /** The first of the keyslots, tokens, segments or digests. */
    static ObjectNode first(ObjectNode json, String objects) {
        return (ObjectNode) json.path(objects).elements().next();
    }

    /** An object, in single quotes. */
    static ObjectNode parse(String json) {
        try {
            return (ObjectNode) JSON.readTree(json.replace('\'', '"'));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static ObjectNode config(ObjectNode json) {
        return (ObjectNode) json.path("config");
    }

    /** The encryption context of the first token. */
    static ObjectNode context(ObjectNode json) {
        return (ObjectNode) first(json, "tokens").path("encryption_context");
    }

    /** Sets the mandatory requirements, an array in single quotes. */
    static void require(ObjectNode json, String mandatory) {
        config(json).set("requirements", parse("{'mandatory': " + mandatory + "}"));
    }

    static void token(ObjectNode json, String id, String token) {
        ((ObjectNode) json.path("tokens")).set(id, parse(token));
    }

    /** A keyslot at this offset that is never tried. */
    static void keyslot(ObjectNode json, String id, long offset) {
        ((ObjectNode) json.path("keyslots"))
                .set(
                        id,
                        parse("{'type': 'luks2', 'key_size': 64, 'priority': 0, 'area': {'type': 'raw', 'offset': '"
                                + offset + "', 'size': '258048'}}"));
    }

    /** Changes one bit of a field in base64. */
    static void flip(ObjectNode object, String field) {
        byte[] bytes = Base64.getDecoder().decode(object.path(field).asText());
        bytes[bytes.length - 1] ^= 1;
        object.put(field, Base64.getEncoder().encodeToString(bytes));
    }
}

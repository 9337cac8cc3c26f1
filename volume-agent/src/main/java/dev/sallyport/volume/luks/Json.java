package dev.sallyport.volume.luks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Base64;
import java.util.Iterator;
import java.util.TreeSet;

/** Reading LUKS2's JSON, where 64-bit numbers are strings and bytes are base64. */
final class Json {
    private Json() {}

    static byte[] base64(ObjectNode node, String field, int limit) {
        try {
            byte[] bytes = Base64.getDecoder().decode(node.path(field).asText());
            if (bytes.length == 0 || bytes.length > limit) {
                throw new LuksException("field " + field + " of the LUKS2 metadata is out of bounds");
            }
            return bytes;
        } catch (IllegalArgumentException e) {
            throw new LuksException("field " + field + " of the LUKS2 metadata is not base64");
        }
    }

    static long number(JsonNode node, String field) {
        JsonNode value = node.path(field);
        String text = value.asText();
        if (!value.isTextual() || !text.matches("\\d{1,18}")) {
            throw new LuksException("field " + field + " of the LUKS2 metadata is not a number");
        }
        return Long.parseLong(text);
    }

    /** A number that JSON writes as one, not negative. */
    static int integer(JsonNode node, String field) {
        JsonNode value = node.path(field);
        if (!value.isInt() || value.intValue() < 0) {
            throw new LuksException("field " + field + " of the LUKS2 metadata is not a number");
        }
        return value.intValue();
    }

    static ObjectNode object(JsonNode node, String field) {
        if (node.path(field) instanceof ObjectNode object) {
            return object;
        }
        throw new LuksException("the LUKS2 metadata lacks " + field);
    }

    /**
     * The node with the fields of every object sorted, without white space: the same for the same content, whoever wrote
     * it. Scalars are written as Jackson writes them.
     */
    static String canonical(JsonNode node) {
        StringBuilder out = new StringBuilder();
        canonical(node, out);
        return out.toString();
    }

    private static void canonical(JsonNode node, StringBuilder out) {
        if (node instanceof ObjectNode object) {
            TreeSet<String> names = new TreeSet<>();
            object.fieldNames().forEachRemaining(names::add);
            out.append('{');
            String separator = "";
            for (String name : names) {
                out.append(separator).append(object.textNode(name)).append(':');
                canonical(object.path(name), out);
                separator = ",";
            }
            out.append('}');
        } else if (node instanceof ArrayNode array) {
            out.append('[');
            for (Iterator<JsonNode> i = array.elements(); i.hasNext(); ) {
                canonical(i.next(), out);
                out.append(i.hasNext() ? "," : "");
            }
            out.append(']');
        } else {
            out.append(node);
        }
    }

    /** Foreign text for a message: bounded, and without what would confuse a terminal. */
    static String printable(String text) {
        String cut = text.length() > 64 ? text.substring(0, 64) + "…" : text;
        return cut.replaceAll("[^\\x20-\\x7e…]", "?");
    }
}

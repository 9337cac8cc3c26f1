package dev.sallyport.gateway.kmsapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.KmsException.Code;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/**
 * Checks a request against the model, in AWS's words: a value of a wrong type is {@code SerializationException}; all
 * violated constraints together are one {@code ValidationException}. Members that the model does not know are ignored; a
 * null member is an absent one.
 */
final class Validator {
    /** A message quotes at most so much of a value. */
    private static final int MAX_QUOTED = 16_384;

    /** A message names at most so many violations. */
    private static final int MAX_VIOLATIONS = 50;

    private final List<String> violations = new ArrayList<>();

    private Validator() {}

    static void check(ObjectNode request, Shape.Struct input) {
        Validator validator = new Validator();
        validator.struct("", request, input);
        List<String> found = validator.violations;
        if (!found.isEmpty()) {
            throw new KmsException(
                    Code.VALIDATION,
                    found.size()
                            + (found.size() == 1 ? " validation error detected: " : " validation errors detected: ")
                            + String.join("; ", found));
        }
    }

    private void struct(String path, JsonNode value, Shape.Struct shape) {
        if (!value.isObject()) {
            throw JsonBody.serialization("Start of structure or map expected");
        }
        for (Shape.Member member : shape.members()) {
            JsonNode given = value.get(member.name());
            String name = path
                    + Character.toLowerCase(member.name().charAt(0))
                    + member.name().substring(1);
            if (given == null || given.isNull()) {
                if (member.required()) {
                    violation("Value null at '" + name + "'", "Member must not be null");
                }
            } else {
                value(name, given, member.shape());
            }
        }
    }

    private void value(String path, JsonNode given, Shape shape) {
        switch (shape) {
            case Shape.Text text -> {
                String value = text(given);
                for (String constraint : violated(value, text)) {
                    violation(quoted(value, path), constraint);
                }
            }
            case Shape.Int range -> {
                if (!given.isIntegralNumber() || !given.canConvertToInt()) {
                    throw wrongType(given, "an Integer");
                }
                int value = given.intValue();
                if (value < range.min()) {
                    violation(
                            quoted(String.valueOf(value), path),
                            "Member must have value greater than or equal to " + range.min());
                }
                if (value > range.max()) {
                    violation(
                            quoted(String.valueOf(value), path),
                            "Member must have value less than or equal to " + range.max());
                }
            }
            case Shape.Bool ignored -> {
                if (!given.isBoolean()) {
                    throw wrongType(given, "a Boolean");
                }
            }
            case Shape.Blob blob -> blob(path, given, blob);
            case Shape.ListOf list -> list(path, given, list);
            case Shape.TextMap ignored -> {
                if (!given.isObject()) {
                    throw JsonBody.serialization("Start of structure or map expected");
                }
                for (Map.Entry<String, JsonNode> pair : given.properties()) {
                    wellFormed(pair.getKey());
                    text(pair.getValue());
                }
            }
            case Shape.Struct struct -> struct(path + ".", given, struct);
        }
    }

    private void blob(String path, JsonNode given, Shape.Blob shape) {
        int length;
        try {
            length = Base64.getDecoder().decode(text(given)).length;
        } catch (IllegalArgumentException e) {
            throw JsonBody.serialization("Value at '" + path + "' is not valid base64");
        }
        // bytes are not quoted: they may be secret
        if (length < shape.min()) {
            violation("Value at '" + path + "'", "Member must have length greater than or equal to " + shape.min());
        }
        if (length > shape.max()) {
            violation("Value at '" + path + "'", "Member must have length less than or equal to " + shape.max());
        }
    }

    private void list(String path, JsonNode given, Shape.ListOf shape) {
        if (!given.isArray()) {
            throw JsonBody.serialization("Expected list or null");
        }
        String subject = shape.secret() ? "Value at '" + path + "'" : quoted(rendered(given), path);
        if (given.size() < shape.min()) {
            violation(subject, "Member must have length greater than or equal to " + shape.min());
        }
        if (given.size() > shape.max()) {
            violation(subject, "Member must have length less than or equal to " + shape.max());
        }
        if (shape.member() instanceof Shape.Text text) {
            boolean violated = false;
            for (JsonNode each : given) {
                violated |= !violated(text(each), text).isEmpty();
            }
            if (violated) {
                violation(subject, "Member must satisfy constraint: [" + String.join(", ", constraints(text)) + "]");
            }
            return;
        }
        int index = 1;
        for (Iterator<JsonNode> each = given.iterator(); each.hasNext(); index++) {
            value(path + "." + index + ".member", each.next(), shape.member());
        }
    }

    private static List<String> violated(String value, Shape.Text shape) {
        List<String> violated = new ArrayList<>(0);
        if (!shape.values().isEmpty() && !shape.values().contains(value)) {
            violated.add("Member must satisfy enum value set: " + shape.values());
        }
        if (value.length() > shape.max()) {
            violated.add("Member must have length less than or equal to " + shape.max());
        }
        if (value.length() < shape.min()) {
            violated.add("Member must have length greater than or equal to " + shape.min());
        }
        if (shape.pattern() != null && !shape.pattern().matcher(value).matches()) {
            violated.add("Member must satisfy regular expression pattern: " + shape.pattern());
        }
        return violated;
    }

    private static List<String> constraints(Shape.Text shape) {
        List<String> constraints = new ArrayList<>();
        if (!shape.values().isEmpty()) {
            constraints.add("Member must satisfy enum value set: " + shape.values());
        }
        if (shape.max() != Shape.NO_LIMIT) {
            constraints.add("Member must have length less than or equal to " + shape.max());
        }
        if (shape.min() > 0) {
            constraints.add("Member must have length greater than or equal to " + shape.min());
        }
        if (shape.pattern() != null) {
            constraints.add("Member must satisfy regular expression pattern: " + shape.pattern());
        }
        return constraints;
    }

    private static String text(JsonNode given) {
        if (!given.isTextual()) {
            throw wrongType(given, "a String");
        }
        String text = given.textValue();
        wellFormed(text);
        return text;
    }

    /** Two texts with different lone surrogates would be the same bytes in UTF-8, and so the same encryption context. */
    private static void wellFormed(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                if (!Character.isHighSurrogate(c)
                        || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    throw JsonBody.serialization("Text holds half a surrogate pair");
                }
                i++;
            }
        }
    }

    private void violation(String subject, String constraint) {
        if (violations.size() < MAX_VIOLATIONS) {
            violations.add(subject + " failed to satisfy constraint: " + constraint);
        }
    }

    private static String quoted(String value, String path) {
        String shown = value.length() <= MAX_QUOTED ? value : value.substring(0, MAX_QUOTED);
        return "Value '" + shown + "' at '" + path + "'";
    }

    private static String rendered(JsonNode list) {
        StringJoiner rendered = new StringJoiner(", ", "[", "]");
        int length = 0;
        for (JsonNode each : list) {
            String text = each.isTextual() ? each.textValue() : "…";
            length += text.length();
            if (length > MAX_QUOTED) {
                break;
            }
            rendered.add(text);
        }
        return rendered.toString();
    }

    private static KmsException wrongType(JsonNode given, String wanted) {
        String kind = switch (given.getNodeType()) {
            case STRING -> "STRING_VALUE";
            case NUMBER -> "NUMBER_VALUE";
            case BOOLEAN -> given.booleanValue() ? "TRUE_VALUE" : "FALSE_VALUE";
            case NULL -> "NULL_VALUE";
            case ARRAY, OBJECT, BINARY, MISSING, POJO -> "";
        };
        return JsonBody.serialization(
                kind.isEmpty()
                        ? "Start of structure or map found where not expected."
                        : kind + " can not be converted to " + wanted);
    }
}

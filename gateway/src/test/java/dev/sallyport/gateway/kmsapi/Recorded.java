package dev.sallyport.gateway.kmsapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.gateway.kmsapi.KmsFixture.Result;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One recording to compare answers with. A placeholder such as {@code <key-id:1>} stands for any text, and for the same one
 * wherever it stands in the recording; everything else must be equal, members neither missing nor added.
 */
final class Recorded {
    private static final Pattern PLACEHOLDER = Pattern.compile("<[a-z-]+(:[0-9]+)?>");

    /** Texts that stand for bytes. */
    private static final Set<String> BLOBS = Set.of("ciphertext-blob", "plaintext");

    private final JsonNode content;
    private final Map<String, String> bound = new HashMap<>();

    Recorded(JsonNode content) {
        this.content = content;
    }

    /** Fixes what a placeholder stands for. */
    Recorded bind(String placeholder, String value) {
        bound.put("<" + placeholder + ">", value);
        return this;
    }

    /** An answer, whole: its status and, for an error, its code and message. */
    void matches(String name, Result result) {
        ObjectNode expected = content.path(name).deepCopy();
        int status = expected.path("ResponseMetadata").path("HTTPStatusCode").asInt();
        expected.remove("ResponseMetadata");
        check(name + ": status of " + result.body, String.valueOf(status), String.valueOf(result.status));
        JsonNode error = expected.get("Error");
        if (error == null) {
            same(name, expected, result.body);
        } else {
            check(name, error.path("Code").asText(), result.type());
            matchText(name, error.path("Message").asText(), result.message());
        }
    }

    /** A part of an answer. */
    void matchesPart(String name, JsonNode part) {
        same(name, content.path(name), part);
    }

    private void same(String path, JsonNode expected, JsonNode actual) {
        if (expected.isObject()) {
            Set<String> names = new HashSet<>();
            expected.fieldNames().forEachRemaining(names::add);
            Set<String> found = new HashSet<>();
            actual.fieldNames().forEachRemaining(found::add);
            check(
                    path + ": members",
                    names.stream().sorted().toList().toString(),
                    found.stream().sorted().toList().toString());
            expected.properties()
                    .forEach(each -> same(path + "." + each.getKey(), each.getValue(), actual.get(each.getKey())));
        } else if (expected.isArray()) {
            check(path + ": size", String.valueOf(expected.size()), String.valueOf(actual.size()));
            for (int i = 0; i < expected.size(); i++) {
                same(path + "[" + i + "]", expected.get(i), actual.get(i));
            }
        } else if (expected.asText().equals("datetime")) {
            if (!actual.isNumber()) {
                throw new AssertionError(path + ": no time: " + actual);
            }
        } else if (BLOBS.contains(expected.asText())) {
            if (actual.asText().isEmpty()) {
                throw new AssertionError(path + ": no bytes: " + actual);
            }
        } else if (expected.isTextual()) {
            matchText(path, expected.asText(), actual.asText());
        } else if (!expected.equals(actual)) {
            throw new AssertionError(path + ": recorded " + expected + ", answered " + actual);
        }
    }

    private void matchText(String path, String expected, String actual) {
        StringBuilder regex = new StringBuilder();
        java.util.List<String> unbound = new java.util.ArrayList<>();
        Matcher placeholder = PLACEHOLDER.matcher(expected);
        int end = 0;
        while (placeholder.find()) {
            regex.append(Pattern.quote(expected.substring(end, placeholder.start())));
            String known = bound.get(placeholder.group());
            if (known == null) {
                regex.append("(.+?)");
                unbound.add(placeholder.group());
            } else {
                regex.append(Pattern.quote(known));
            }
            end = placeholder.end();
        }
        regex.append(Pattern.quote(expected.substring(end)));
        Matcher whole = Pattern.compile(regex.toString(), Pattern.DOTALL).matcher(actual);
        if (!whole.matches()) {
            throw new AssertionError(path + ": recorded " + expected + ", answered " + actual + ", with " + bound);
        }
        for (int i = 0; i < unbound.size(); i++) {
            bound.put(unbound.get(i), whole.group(i + 1));
        }
    }

    private static void check(String path, String expected, String actual) {
        if (!expected.equals(actual)) {
            throw new AssertionError(path + ": recorded " + expected + ", answered " + actual);
        }
    }
}

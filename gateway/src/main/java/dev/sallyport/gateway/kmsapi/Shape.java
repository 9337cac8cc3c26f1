package dev.sallyport.gateway.kmsapi;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A shape of the API's model: a type, and the constraints on its values. Lengths of text are in UTF-16 units. */
sealed interface Shape {
    int NO_LIMIT = Integer.MAX_VALUE;

    /**
     * @param pattern must match the whole text; null for none
     * @param values an enumeration; empty for any text
     */
    record Text(int min, int max, @Nullable Pattern pattern, List<String> values) implements Shape {
        public Text {
            values = List.copyOf(values);
        }
    }

    record Int(int min, int max) implements Shape {}

    record Bool() implements Shape {}

    /** Base64 in JSON; lengths are those of the decoded bytes. */
    record Blob(int min, int max) implements Shape {}

    /** @param secret whether a message about it must not quote its values */
    record ListOf(Shape member, int min, int max, boolean secret) implements Shape {}

    /** From text to text, without constraints. */
    record TextMap() implements Shape {}

    record Struct(List<Member> members) implements Shape {
        public Struct {
            members = List.copyOf(members);
        }
    }

    /** A member of a structure. */
    record Member(String name, Shape shape, boolean required) {}

    static Text text(int min, int max) {
        return new Text(min, max, null, List.of());
    }

    static Text text(int min, int max, String pattern) {
        return new Text(min, max, Pattern.compile(pattern), List.of());
    }

    static Text oneOf(String... values) {
        return new Text(0, NO_LIMIT, null, List.of(values));
    }

    static ListOf listOf(Shape member) {
        return new ListOf(member, 0, NO_LIMIT, false);
    }

    static Struct struct(Member... members) {
        return new Struct(List.of(members));
    }

    static Member required(String name, Shape shape) {
        return new Member(name, shape, true);
    }

    static Member optional(String name, Shape shape) {
        return new Member(name, shape, false);
    }
}

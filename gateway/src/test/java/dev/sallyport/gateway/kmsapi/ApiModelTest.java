package dev.sallyport.gateway.kmsapi;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.kms.service.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The table in the code says what the API's model says, member by member. */
class ApiModelTest {
    private final List<String> differences = new ArrayList<>();

    @Test
    void theTableIsTheModel() {
        JsonNode model = Oracle.model();
        for (Operation operation : Operation.values()) {
            JsonNode known = model.path("operations").path(operation.wireName());
            assertThat(known.isMissingNode()).as(operation.wireName()).isFalse();
            String input = known.path("input").path("shape").asText();
            compare(operation.wireName(), model, input, ApiModel.input(operation));
        }
        assertThat(differences).isEmpty();
    }

    private void compare(String path, JsonNode model, String shapeName, Shape shape) {
        JsonNode expected = model.path("shapes").path(shapeName);
        String type = expected.path("type").asText();
        switch (shape) {
            case Shape.Text text -> {
                check(path, type, "string");
                check(path, expected.path("min").asInt(0), text.min());
                check(path, expected.path("max").asInt(Shape.NO_LIMIT), text.max());
                check(
                        path,
                        pattern(expected),
                        text.pattern() == null ? null : text.pattern().pattern());
                List<String> values = new ArrayList<>();
                expected.path("enum").forEach(value -> values.add(value.asText()));
                check(path, values, text.values());
            }
            case Shape.Int range -> {
                check(path, type, "integer");
                check(path, expected.path("min").asInt(Integer.MIN_VALUE), range.min());
                check(path, expected.path("max").asInt(Integer.MAX_VALUE), range.max());
            }
            case Shape.Bool ignored -> check(path, type, "boolean");
            case Shape.Blob blob -> {
                check(path, type, "blob");
                check(path, expected.path("min").asInt(0), blob.min());
                check(path, expected.path("max").asInt(Shape.NO_LIMIT), blob.max());
            }
            case Shape.ListOf list -> {
                check(path, type, "list");
                check(path, expected.path("min").asInt(0), list.min());
                check(path, expected.path("max").asInt(Shape.NO_LIMIT), list.max());
                compare(
                        path + "[]",
                        model,
                        expected.path("member").path("shape").asText(),
                        list.member());
            }
            case Shape.TextMap ignored -> check(path, type, "map");
            case Shape.Struct struct -> {
                check(path, type, "structure");
                Set<String> required = new TreeSet<>();
                expected.path("required").forEach(name -> required.add(name.asText()));
                Set<String> names = new TreeSet<>();
                for (Shape.Member member : struct.members()) {
                    names.add(member.name());
                    check(path + "." + member.name(), required.contains(member.name()), member.required());
                    compare(
                            path + "." + member.name(),
                            model,
                            expected.path("members")
                                    .path(member.name())
                                    .path("shape")
                                    .asText(),
                            member.shape());
                }
                Set<String> wanted = new TreeSet<>();
                expected.path("members").fieldNames().forEachRemaining(wanted::add);
                check(path, wanted, names);
            }
        }
    }

    private static @Nullable String pattern(JsonNode shape) {
        return shape.has("pattern") ? shape.path("pattern").asText() : null;
    }

    private void check(String path, @Nullable Object expected, @Nullable Object actual) {
        if (!java.util.Objects.equals(expected, actual)) {
            differences.add(path + ": model " + expected + ", table " + actual);
        }
    }
}

package dev.sallyport.gateway.config;

import dev.sallyport.gateway.config.ConfigException.Problem;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * One mapping of the file. Reading never throws: a mistake is noted with its line and a stand-in is returned, so that all
 * mistakes are found in one pass. {@link #finish} notes the keys that nobody asked for.
 */
final class Section {
    private final String path;
    private final int line;
    private final Map<String, Node> values = new LinkedHashMap<>();
    private final Map<String, Integer> lines = new LinkedHashMap<>();
    private final Set<String> asked = new HashSet<>();
    private final List<Problem> problems;

    Section(String path, int line, @Nullable MappingNode node, List<Problem> problems) {
        this.path = path;
        this.line = line;
        this.problems = problems;
        if (node != null) {
            for (NodeTuple tuple : node.getValue()) {
                int at = lineOf(tuple.getKeyNode());
                if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                    problems.add(new Problem(at, "a key must be plain text"));
                } else if (values.put(key.getValue(), tuple.getValueNode()) != null) {
                    problems.add(new Problem(at, name(key.getValue()) + " appears twice"));
                } else {
                    lines.put(key.getValue(), at);
                }
            }
        }
    }

    static int lineOf(Node node) {
        return node.getStartMark() == null ? 0 : node.getStartMark().getLine() + 1;
    }

    /** An absent section reads as an empty one. */
    Section section(String key) {
        Node node = take(key);
        if (node == null || isNull(node)) {
            return new Section(name(key), line, null, problems);
        }
        if (node instanceof MappingNode mapping) {
            return new Section(name(key), lineOf(node), mapping, problems);
        }
        problem(key, "must be a mapping");
        return new Section(name(key), lineOf(node), null, problems);
    }

    boolean has(String key) {
        Node node = values.get(key);
        return node != null && !isNull(node);
    }

    @Nullable String text(String key) {
        Node node = take(key);
        if (node == null || isNull(node)) {
            return null;
        }
        if (node instanceof ScalarNode scalar) {
            return scalar.getValue();
        }
        problem(key, "must be plain text");
        return null;
    }

    /** The text made into a value; what the maker refuses is a mistake at this key. */
    <T> T value(String key, T standIn, Function<String, T> maker) {
        String text = text(key);
        return text == null ? standIn : make(key, text, standIn, maker);
    }

    <T> T required(String key, T standIn, Function<String, T> maker) {
        boolean given = has(key);
        String text = text(key);
        if (text == null) {
            if (!given) {
                problems.add(new Problem(line, name(key) + " is missing"));
            }
            return standIn;
        }
        return make(key, text, standIn, maker);
    }

    <T> List<T> list(String key, List<T> standIn, Function<String, T> maker) {
        Node node = take(key);
        if (node == null || isNull(node)) {
            return standIn;
        }
        if (!(node instanceof SequenceNode sequence)) {
            problem(key, "must be a list");
            return standIn;
        }
        List<T> found = new ArrayList<>();
        for (Node element : sequence.getValue()) {
            if (element instanceof ScalarNode scalar && !isNull(scalar)) {
                try {
                    found.add(maker.apply(scalar.getValue()));
                } catch (IllegalArgumentException e) {
                    problems.add(new Problem(lineOf(element), name(key) + ": " + e.getMessage()));
                }
            } else {
                problems.add(new Problem(lineOf(element), name(key) + " must be a list of plain text"));
            }
        }
        return found;
    }

    /** All pairs, whatever their keys. */
    Map<String, String> pairs(String key) {
        Section section = section(key);
        Map<String, String> found = new LinkedHashMap<>();
        for (String name : section.values.keySet()) {
            String value = section.text(name);
            if (value != null) {
                found.put(name, value);
            }
        }
        return found;
    }

    void problem(String key, String what) {
        problems.add(new Problem(lines.getOrDefault(key, line), name(key) + " " + what));
    }

    void finish() {
        for (String key : values.keySet()) {
            if (!asked.contains(key)) {
                problem(key, "is no setting that is known here");
            }
        }
    }

    private <T> T make(String key, String text, T standIn, Function<String, T> maker) {
        try {
            return maker.apply(text);
        } catch (IllegalArgumentException e) {
            problem(key, "is wrong: " + e.getMessage());
            return standIn;
        }
    }

    private @Nullable Node take(String key) {
        asked.add(key);
        return values.get(key);
    }

    private String name(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private static boolean isNull(Node node) {
        return node.getTag().equals(Tag.NULL);
    }
}

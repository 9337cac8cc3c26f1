package dev.sallyport.gateway.config;

import java.util.ArrayList;
import java.util.List;

/** A configuration that cannot be used, with all its mistakes. */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    private final ArrayList<Problem> problems;

    ConfigException(List<Problem> problems) {
        super(problems.isEmpty() ? "" : problems.getFirst().toString(), null, false, false);
        this.problems = new ArrayList<>(problems);
    }

    /** In the order of their lines. */
    public List<Problem> problems() {
        return List.copyOf(problems);
    }

    /**
     * One mistake.
     *
     * @param line 1-based; 0 when it concerns the file as a whole
     * @param text what is wrong, in a line
     */
    public record Problem(int line, String text) implements java.io.Serializable {
        @Override
        public String toString() {
            return line > 0 ? "line " + line + ": " + text : text;
        }
    }
}

package dev.sallyport.kms.access;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A compiled pattern: literal characters, {@code *} (any run, also empty), {@code ?} (any one character) and policy
 * variables such as {@code ${aws:username}}, whose values are always literal.
 *
 * @see <a href="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html">Policy variables</a>
 */
final class Glob {
    private static final int RUN = -1;
    private static final int ONE = -2;

    private final List<Piece> pieces;
    private final boolean ignoreCase;
    /** The tokens when no variable is among the pieces. */
    private final int @Nullable [] fixed;
    /** The whole text when it is literal. */
    private final @Nullable String literal;

    private Glob(List<Piece> pieces, boolean ignoreCase) {
        this.pieces = List.copyOf(pieces);
        this.ignoreCase = ignoreCase;
        boolean variables = pieces.stream().anyMatch(piece -> piece.variable() != null);
        this.fixed = variables ? null : tokens(this.pieces, null);
        this.literal = this.fixed == null ? null : literal(this.fixed);
    }

    /** Tokens, or a variable with its default. */
    private record Piece(
            List<Integer> tokens,
            @Nullable String variable,
            @Nullable String fallback) {}

    /**
     * Compiles a pattern.
     *
     * @param wildcards whether {@code *} and {@code ?} are special
     * @param variables whether <code>${…}</code> is special (policy version 2012-10-17)
     * @throws MalformedPolicyException for a variable that is unfinished or unknown
     */
    static Glob compile(String text, boolean wildcards, boolean variables, boolean ignoreCase) {
        String source = ignoreCase ? text.toLowerCase(Locale.ROOT) : text;
        List<Piece> pieces = new ArrayList<>();
        List<Integer> run = new ArrayList<>();
        for (int i = 0; i < source.length(); i++) {
            char c = source.charAt(i);
            if (variables && c == '$' && i + 1 < source.length() && source.charAt(i + 1) == '{') {
                int end = source.indexOf('}', i);
                if (end < 0) {
                    throw new MalformedPolicyException("Policy variable is not closed in: " + text);
                }
                String name = source.substring(i + 2, end);
                if (name.equals("*") || name.equals("?") || name.equals("$")) {
                    run.add((int) name.charAt(0));
                } else {
                    pieces.add(new Piece(List.copyOf(run), null, null));
                    run.clear();
                    pieces.add(variable(name));
                }
                i = end;
            } else if (wildcards && c == '*') {
                if (run.isEmpty() || run.getLast() != RUN) {
                    run.add(RUN);
                }
            } else if (wildcards && c == '?') {
                run.add(ONE);
            } else {
                run.add((int) c);
            }
        }
        pieces.add(new Piece(List.copyOf(run), null, null));
        return new Glob(pieces, ignoreCase);
    }

    /** {@code aws:username} or {@code aws:username, 'default'}. */
    private static Piece variable(String content) {
        String name = content;
        String fallback = null;
        int comma = content.indexOf(',');
        if (comma >= 0) {
            name = content.substring(0, comma);
            String quoted = content.substring(comma + 1).strip();
            if (quoted.length() < 2 || !quoted.startsWith("'") || !quoted.endsWith("'")) {
                throw new MalformedPolicyException("Policy variable has an invalid default: " + content);
            }
            fallback = quoted.substring(1, quoted.length() - 1);
        }
        String key = ConditionKeys.normalize(name.strip());
        if (!ConditionKeys.known(key)) {
            throw new MalformedPolicyException("Unknown policy variable: " + name.strip());
        }
        return new Piece(List.of(), key, fallback);
    }

    /** Whether every variable has a value in this request. */
    boolean resolvable(RequestValues request) {
        return fixed != null || tokens(pieces, request) != null;
    }

    /** Whether the whole value matches. A pattern with a variable that has no value matches nothing. */
    boolean matches(String value, RequestValues request) {
        String subject = ignoreCase ? value.toLowerCase(Locale.ROOT) : value;
        if (literal != null) {
            return literal.equals(subject);
        }
        int[] tokens = fixed != null ? fixed : tokens(pieces, request);
        return tokens != null && match(tokens, subject);
    }

    private static int @Nullable [] tokens(List<Piece> pieces, @Nullable RequestValues request) {
        List<Integer> all = new ArrayList<>();
        for (Piece piece : pieces) {
            String name = piece.variable();
            if (name == null) {
                all.addAll(piece.tokens());
                continue;
            }
            List<String> values = request == null ? List.of() : request.get(name);
            String value = values.size() == 1 ? values.getFirst() : piece.fallback();
            if (value == null) {
                return null;
            }
            value.chars().forEach(all::add);
        }
        return all.stream().mapToInt(Integer::intValue).toArray();
    }

    private static @Nullable String literal(int[] tokens) {
        StringBuilder text = new StringBuilder(tokens.length);
        for (int token : tokens) {
            if (token < 0) {
                return null;
            }
            text.append((char) token);
        }
        return text.toString();
    }

    /** Greedy with one point to fall back to: at most pattern × value steps, no recursion. */
    private static boolean match(int[] pattern, String value) {
        int p = 0;
        int v = 0;
        int star = -1;
        int resume = 0;
        while (v < value.length()) {
            if (p < pattern.length && pattern[p] == RUN) {
                star = p++;
                resume = v;
            } else if (p < pattern.length && (pattern[p] == ONE || pattern[p] == value.charAt(v))) {
                p++;
                v++;
            } else if (star >= 0) {
                p = star + 1;
                v = ++resume;
            } else {
                return false;
            }
        }
        while (p < pattern.length && pattern[p] == RUN) {
            p++;
        }
        return p == pattern.length;
    }
}

package dev.sallyport.kms.service;

import dev.sallyport.kms.EncryptionContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a grant asks of the encryption context of the operations that have one. Keys are compared without case, values with
 * it, as AWS documents it for grants.
 *
 * @param type whether the context must be these pairs or have them among its own
 * @param context the pairs as they were given, at least one
 * @see <a href="https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html">GrantConstraints</a>
 */
public record GrantConstraint(Type type, EncryptionContext context) {
    /** The kinds of constraint, in the API's names. */
    public enum Type {
        EQUALS("EncryptionContextEquals"),
        SUBSET("EncryptionContextSubset");

        private final String wireName;

        Type(String wireName) {
            this.wireName = wireName;
        }

        public String wireName() {
            return wireName;
        }
    }

    public GrantConstraint {
        if (context.isEmpty()) {
            throw new IllegalArgumentException("a constraint has at least one pair");
        }
    }

    /**
     * Whether every context that meets this constraint meets {@code other} too: what a grant must have that was made by means
     * of another grant.
     */
    boolean isAtLeast(GrantConstraint other) {
        List<String> own = folded(context);
        List<String> others = folded(other.context);
        return switch (other.type) {
            case EQUALS -> type == Type.EQUALS && own.equals(others);
            case SUBSET -> own.containsAll(others);
        };
    }

    /**
     * The pairs of a context in a form that is the same for contexts that no constraint tells apart: sorted, keys in lower
     * case, each with the length of its key in front so that {ab: c} and {a: bc} stay two.
     */
    static List<String> folded(EncryptionContext context) {
        List<String> pairs = new ArrayList<>(context.pairs().size());
        for (Map.Entry<String, String> pair : context.pairs().entrySet()) {
            String key = pair.getKey().toLowerCase(Locale.ROOT);
            pairs.add(key.length() + ":" + key + pair.getValue());
        }
        // {A: 1, a: 1} stays two pairs, and is not the context {a: 1}
        pairs.sort(null);
        return List.copyOf(pairs);
    }
}

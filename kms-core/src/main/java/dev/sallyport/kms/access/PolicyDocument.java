package dev.sallyport.kms.access;

import java.util.List;

/**
 * A validated IAM policy document, compiled for evaluation. Immutable; parse once, evaluate often.
 *
 * @see <a href="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html">Grammar of the IAM
 *     policy language</a>
 */
public final class PolicyDocument {
    private final String json;
    private final List<Statement> statements;

    PolicyDocument(String json, List<Statement> statements) {
        this.json = json;
        this.statements = List.copyOf(statements);
    }

    /**
     * Parses a document strictly: an element, operator, condition key or value that the evaluator does not understand is
     * refused, never ignored.
     *
     * @param json the document as the client sent it, at most {@link PolicyKind#maxBytes()} of UTF-8
     * @throws MalformedPolicyException with a message for the client
     */
    public static PolicyDocument parse(String json, PolicyKind kind) {
        return new PolicyDocument(json, new PolicyParser(kind).parse(json));
    }

    /** The document as it was put. */
    public String json() {
        return json;
    }

    /**
     * Whether any statement has a condition on this key or, for a name that ends in {@code /} or {@code :}, on a key of that
     * family. Lets a caller skip fetching what no policy asks for, such as the tags of an object.
     */
    public boolean mentions(String conditionKey) {
        String key = ConditionKeys.normalize(conditionKey);
        boolean family = key.endsWith("/") || key.endsWith(":");
        for (Statement statement : statements) {
            for (Condition condition : statement.conditions()) {
                if (family ? condition.key().startsWith(key) : condition.key().equals(key)) {
                    return true;
                }
            }
        }
        return false;
    }

    List<Statement> statements() {
        return statements;
    }
}

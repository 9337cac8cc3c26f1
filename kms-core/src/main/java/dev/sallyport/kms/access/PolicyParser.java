package dev.sallyport.kms.access;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sallyport.kms.access.Condition.Quantifier;
import dev.sallyport.kms.access.Statement.Patterns;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads a policy document and refuses whatever it does not understand. */
final class PolicyParser {
    private static final ObjectReader READER = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(10)
                            .maxNumberLength(32)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build()
            .readerFor(JsonNode.class);

    private static final Set<String> DOCUMENT = Set.of("Version", "Id", "Statement");
    private static final Set<String> STATEMENT = Set.of(
            "Sid",
            "Effect",
            "Principal",
            "NotPrincipal",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Condition");
    private static final Pattern ACTION = Pattern.compile("\\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+");
    private static final Pattern IDENTITY_SID = Pattern.compile("[A-Za-z0-9]*");
    private static final int MAX_ID = 512;

    private final PolicyKind kind;
    private boolean variables;

    PolicyParser(PolicyKind kind) {
        this.kind = kind;
    }

    List<Statement> parse(String json) {
        // a UTF-16 unit is at least one byte of UTF-8, so the first test spares encoding a huge text
        if (json.length() > kind.maxBytes() || json.getBytes(StandardCharsets.UTF_8).length > kind.maxBytes()) {
            throw new MalformedPolicyException("Policy is longer than " + kind.maxBytes() + " bytes.");
        }
        JsonNode root = read(json);
        onlyKnown(root, DOCUMENT);
        readVersion(root.get("Version"));
        JsonNode id = root.get("Id");
        if (id != null) {
            text(id, "Id");
        }
        JsonNode statements = root.get("Statement");
        if (statements == null) {
            throw new MalformedPolicyException("Missing required field Statement");
        }
        List<Statement> compiled = new ArrayList<>();
        Set<String> sids = new HashSet<>();
        for (JsonNode statement : statements.isArray() ? statements : List.of(statements)) {
            compiled.add(statement(statement, sids));
        }
        if (compiled.isEmpty()) {
            throw new MalformedPolicyException("Could not parse the policy: Statement is empty!");
        }
        return compiled;
    }

    private static JsonNode read(String json) {
        try {
            JsonNode root = READER.readTree(json);
            if (root == null || !root.isObject()) {
                throw new MalformedPolicyException("Policies must be valid JSON and the first byte must be '{'");
            }
            return root;
        } catch (JsonProcessingException e) {
            throw new MalformedPolicyException("This policy contains invalid Json");
        }
    }

    private void readVersion(@Nullable JsonNode version) {
        String value = version == null ? "2008-10-17" : text(version, "Version");
        variables = switch (value) {
            case "2012-10-17" -> true;
            case "2008-10-17" -> false;
            default -> throw new MalformedPolicyException("The policy must contain a valid version string");
        };
    }

    private static void onlyKnown(JsonNode object, Set<String> known) {
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            if (!known.contains(field.getKey())) {
                throw new MalformedPolicyException("Unknown field " + shown(field.getKey()));
            }
        }
    }

    private Statement statement(JsonNode node, Set<String> sids) {
        if (!node.isObject()) {
            throw new MalformedPolicyException("Statement must be an object or a list of objects");
        }
        onlyKnown(node, STATEMENT);
        readSid(node.get("Sid"), sids);
        JsonNode effect = node.get("Effect");
        if (effect == null) {
            throw new MalformedPolicyException("Missing required field Effect");
        }
        boolean allow = switch (text(effect, "Effect")) {
            case "Allow" -> true;
            case "Deny" -> false;
            default -> throw new MalformedPolicyException("Invalid effect: " + shown(effect.asText()));
        };
        return new Statement(allow, principals(node, allow), actions(node), resources(node), conditions(node, allow));
    }

    private void readSid(@Nullable JsonNode node, Set<String> sids) {
        if (node == null) {
            return;
        }
        String sid = text(node, "Sid");
        if (kind != PolicyKind.IDENTITY) {
            return;
        }
        if (!IDENTITY_SID.matcher(sid).matches()) {
            throw new MalformedPolicyException(
                    "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies"
                            + " the regular expression [0-9A-Za-z]*");
        }
        if (!sid.isEmpty() && !sids.add(sid)) {
            throw new MalformedPolicyException("Statement IDs (SID) in a single policy must be unique.");
        }
    }

    private @Nullable Principals principals(JsonNode node, boolean allow) {
        JsonNode principal = node.get("Principal");
        JsonNode notPrincipal = node.get("NotPrincipal");
        if (kind == PolicyKind.IDENTITY) {
            if (principal != null || notPrincipal != null) {
                throw new MalformedPolicyException("Policy document should not specify a principal.");
            }
            return null;
        }
        if ((principal == null) == (notPrincipal == null)) {
            throw new MalformedPolicyException(
                    principal == null
                            ? "Missing required field Principal"
                            : "A statement cannot have both Principal and NotPrincipal");
        }
        if (notPrincipal != null) {
            if (allow) {
                throw new MalformedPolicyException("Allow with NotPrincipal is not allowed.");
            }
            return PrincipalParser.parse(notPrincipal, true);
        }
        return PrincipalParser.parse(principal, false);
    }

    private Patterns actions(JsonNode node) {
        Patterns actions = patterns(node, "Action", "NotAction", true);
        if (actions == null) {
            throw new MalformedPolicyException("Policy statement must contain actions.");
        }
        return actions;
    }

    private @Nullable Patterns resources(JsonNode node) {
        Patterns resources = patterns(node, "Resource", "NotResource", false);
        if (resources == null && kind != PolicyKind.KEY) {
            throw new MalformedPolicyException("Policy statement must contain resources.");
        }
        return resources;
    }

    private @Nullable Patterns patterns(JsonNode node, String name, String notName, boolean action) {
        JsonNode plain = node.get(name);
        JsonNode not = node.get(notName);
        if (plain != null && not != null) {
            throw new MalformedPolicyException("A statement cannot have both " + name + " and " + notName);
        }
        JsonNode chosen = plain != null ? plain : not;
        if (chosen == null) {
            return null;
        }
        List<Glob> globs = new ArrayList<>();
        for (String text : strings(chosen, plain != null ? name : notName)) {
            if (action && !ACTION.matcher(text).matches()) {
                throw new MalformedPolicyException("Policy has invalid action: " + shown(text));
            }
            if (!action && !text.startsWith("arn:") && !text.equals("*")) {
                throw new MalformedPolicyException("Resource " + shown(text) + " must be in ARN format or \"*\".");
            }
            globs.add(Glob.compile(text, true, variables && !action, action));
        }
        return new Patterns(globs, plain == null);
    }

    private List<Condition> conditions(JsonNode statement, boolean allow) {
        JsonNode node = statement.get("Condition");
        if (node == null) {
            return List.of();
        }
        if (!node.isObject()) {
            throw new MalformedPolicyException("Condition must be an object");
        }
        List<Condition> conditions = new ArrayList<>();
        for (Map.Entry<String, JsonNode> block : node.properties()) {
            if (!block.getValue().isObject()) {
                throw new MalformedPolicyException("Condition " + shown(block.getKey()) + " must be an object");
            }
            for (Map.Entry<String, JsonNode> entry : block.getValue().properties()) {
                conditions.add(condition(block.getKey(), entry.getKey(), entry.getValue(), allow));
            }
        }
        return conditions;
    }

    private Condition condition(String operatorName, String keyName, JsonNode values, boolean allow) {
        String name = operatorName;
        Quantifier quantifier = Quantifier.SINGLE;
        if (name.startsWith("ForAllValues:")) {
            quantifier = Quantifier.FOR_ALL_VALUES;
            name = name.substring("ForAllValues:".length());
        } else if (name.startsWith("ForAnyValue:")) {
            quantifier = Quantifier.FOR_ANY_VALUE;
            name = name.substring("ForAnyValue:".length());
        }
        boolean ifExists = name.endsWith("IfExists");
        if (ifExists) {
            name = name.substring(0, name.length() - "IfExists".length());
        }
        ConditionOperator operator = ConditionOperator.named(name);
        boolean plain = quantifier == Quantifier.SINGLE && !ifExists;
        if (operator == null || (operator == ConditionOperator.NULL && !plain)) {
            throw new MalformedPolicyException("Invalid Condition type : " + shown(operatorName));
        }
        String key = ConditionKeys.normalize(keyName);
        if (!ConditionKeys.known(key)) {
            throw new MalformedPolicyException("Policy has an invalid condition key: " + shown(keyName));
        }
        List<ValueTest> tests = new ArrayList<>();
        for (String value : strings(values, keyName)) {
            tests.add(ValueTests.compile(operator, value, variables));
        }
        return new Condition(key, operator, quantifier, ifExists, allow, tests);
    }

    /** A scalar or a list of scalars, at least one. */
    static List<String> strings(JsonNode node, String element) {
        List<String> values = new ArrayList<>();
        for (JsonNode value : node.isArray() ? node : List.of(node)) {
            if (!value.isTextual() && !value.isBoolean() && !value.isNumber()) {
                throw new MalformedPolicyException("Invalid value in " + shown(element));
            }
            values.add(value.asText());
        }
        if (values.isEmpty()) {
            throw new MalformedPolicyException("No value in " + shown(element));
        }
        return values;
    }

    private static String text(JsonNode node, String element) {
        if (!node.isTextual() || node.asText().length() > MAX_ID) {
            throw new MalformedPolicyException("Invalid value in " + element);
        }
        return node.asText();
    }

    /** Cut, so that no message is as long as a policy. */
    static String shown(String text) {
        return text.length() <= 128 ? text : text.substring(0, 128) + "…";
    }
}

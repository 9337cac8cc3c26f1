package dev.sallyport.kms.access;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads Principal and NotPrincipal. */
final class PrincipalParser {
    private static final Pattern ACCOUNT = Pattern.compile("(?:arn:aws[a-z-]*:iam::)?([0-9]{12})(?::root)?");
    private static final Pattern BARE_ACCOUNT = Pattern.compile("[0-9]{12}");
    private static final Pattern ENTITY = Pattern.compile(
            "arn:aws[a-z-]*:(?:iam::[0-9]{12}:(?:user|role)/|sts::[0-9]{12}:(?:assumed-role|federated-user)/)"
                    + "[\\x21-\\x29\\x2b-\\x3e\\x40-\\x7e]{1,600}");
    private static final Pattern UNIQUE_ID = Pattern.compile("A(?:IDA|ROA)[A-Z0-9]{12,124}");
    private static final Pattern SERVICE = Pattern.compile("[a-z0-9.-]{1,128}\\.amazonaws\\.com(?:\\.cn)?");

    private PrincipalParser() {}

    static Principals parse(JsonNode node, boolean negated) {
        if (node.isTextual() && node.asText().equals("*")) {
            return new Principals(true, Set.of(), Set.of(), Set.of(), negated);
        }
        if (!node.isObject() || node.isEmpty()) {
            throw invalid(node.isTextual() ? node.asText() : "");
        }
        boolean everyone = false;
        Set<String> accounts = new HashSet<>();
        Set<String> names = new HashSet<>();
        Set<String> services = new HashSet<>();
        for (Map.Entry<String, JsonNode> type : node.properties()) {
            for (String value : PolicyParser.strings(type.getValue(), type.getKey())) {
                switch (type.getKey()) {
                    case "AWS" -> {
                        if (value.equals("*")) {
                            everyone = true;
                        } else {
                            addAws(value, accounts, names);
                        }
                    }
                    case "Service" -> {
                        if (!SERVICE.matcher(value).matches()) {
                            throw invalid(value);
                        }
                        services.add(value);
                    }
                    default -> throw invalid(type.getKey());
                }
            }
        }
        return new Principals(everyone, accounts, names, services, negated);
    }

    private static void addAws(String value, Set<String> accounts, Set<String> names) {
        Matcher account = ACCOUNT.matcher(value);
        boolean root = value.startsWith("arn:") && value.endsWith(":root");
        if ((root || BARE_ACCOUNT.matcher(value).matches()) && account.matches()) {
            accounts.add(account.group(1));
        } else if (ENTITY.matcher(value).matches() || UNIQUE_ID.matcher(value).matches()) {
            names.add(value);
        } else {
            throw invalid(value);
        }
    }

    private static MalformedPolicyException invalid(String value) {
        return new MalformedPolicyException(
                "Policy contains a statement with one or more invalid principals: " + PolicyParser.shown(value));
    }
}

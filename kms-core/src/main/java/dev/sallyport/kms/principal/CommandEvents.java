package dev.sallyport.kms.principal;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.kms.audit.AuditEvent;
import dev.sallyport.kms.principal.CommandAudit.Deed;
import dev.sallyport.kms.principal.CommandAudit.Description;
import dev.sallyport.kms.store.StoreCommands;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The events of the commands that change principals, in the terms of IAM, and of those that change the key store or copy
 * it. Commands that only read leave none. Listed in {@code docs/audit-journal.md}.
 */
final class CommandEvents {
    private static final Map<String, Description> EVENTS = Map.of(
            PrincipalCommands.ADD, CommandEvents::add,
            PrincipalCommands.SET_ENABLED, CommandEvents::setEnabled,
            PrincipalCommands.REMOVE, CommandEvents::remove,
            PrincipalCommands.ROTATE, (arguments, result) -> List.of(createAccessKey(arguments, result)),
            PrincipalCommands.POLICY_PUT, CommandEvents::putPolicy,
            PrincipalCommands.POLICY_REMOVE, CommandEvents::removePolicy,
            StoreCommands.ADD_SEAL, CommandEvents::addSeal,
            StoreCommands.REMOVE_SEAL, CommandEvents::removeSeal,
            StoreCommands.ROTATE_MAC_KEY, CommandEvents::rotateMacKey,
            StoreCommands.BACKUP, CommandEvents::backup);

    private CommandEvents() {}

    /** How a command is described; null for one that leaves no event. */
    static @Nullable Description of(String command) {
        return EVENTS.get(command);
    }

    static Deed acceptRestore(long rows) {
        return own("AcceptRestore", Map.of(), Map.of("rows", rows));
    }

    private static List<Deed> add(JsonNode arguments, @Nullable JsonNode result) {
        List<Deed> deeds = new ArrayList<>();
        String user = text(arguments, "name");
        Map<String, Object> named = Map.of("userName", user);
        deeds.add(iam(
                "CreateUser",
                named,
                result == null ? null : Map.of("user", Map.of("userName", user, "arn", text(result, "arn")))));
        if (result == null) {
            return deeds;
        }
        arguments
                .path("policies")
                .properties()
                .forEach(policy -> deeds.add(
                        putUserPolicy(user, policy.getKey(), policy.getValue().asText())));
        if (arguments.path("admin").asBoolean(false)) {
            deeds.add(putUserPolicy(user, PrincipalAdmin.ADMINISTRATOR, PrincipalAdmin.ADMINISTRATOR_DOCUMENT));
        }
        deeds.add(createAccessKey(arguments, result));
        return deeds;
    }

    private static Deed createAccessKey(JsonNode arguments, @Nullable JsonNode result) {
        String user = text(arguments, "name");
        return iam(
                "CreateAccessKey",
                Map.of("userName", user),
                result == null
                        ? null
                        : Map.of(
                                "accessKey",
                                Map.of(
                                        "userName",
                                        user,
                                        "accessKeyId",
                                        text(result, "accessKeyId"),
                                        "status",
                                        "Active")));
    }

    private static List<Deed> setEnabled(JsonNode arguments, @Nullable JsonNode result) {
        String status = arguments.path("enabled").asBoolean(false) ? "Active" : "Inactive";
        Map<String, Object> parameters = new LinkedHashMap<>(ofUser(arguments));
        parameters.put("status", status);
        // IAM cannot switch a user off as a whole; its name for a changed user stands in
        return List.of(iam(parameters.containsKey("accessKeyId") ? "UpdateAccessKey" : "UpdateUser", parameters, null));
    }

    private static List<Deed> remove(JsonNode arguments, @Nullable JsonNode result) {
        Map<String, Object> parameters = ofUser(arguments);
        return List.of(iam(parameters.containsKey("accessKeyId") ? "DeleteAccessKey" : "DeleteUser", parameters, null));
    }

    private static List<Deed> putPolicy(JsonNode arguments, @Nullable JsonNode result) {
        return List.of(putUserPolicy(text(arguments, "name"), text(arguments, "policy"), text(arguments, "document")));
    }

    private static Deed putUserPolicy(String user, String policy, String document) {
        return iam("PutUserPolicy", Map.of("userName", user, "policyName", policy, "policyDocument", document), null);
    }

    private static List<Deed> removePolicy(JsonNode arguments, @Nullable JsonNode result) {
        return List.of(iam(
                "DeleteUserPolicy",
                Map.of("userName", text(arguments, "name"), "policyName", text(arguments, "policy")),
                null));
    }

    private static List<Deed> addSeal(JsonNode arguments, @Nullable JsonNode result) {
        return List.of(own(
                "AddSeal",
                Map.of("type", text(arguments, "type")),
                result == null ? null : Map.of("sealId", text(result, "id"))));
    }

    private static List<Deed> removeSeal(JsonNode arguments, @Nullable JsonNode result) {
        return List.of(own("RemoveSeal", Map.of("sealId", text(arguments, "id")), null));
    }

    private static List<Deed> rotateMacKey(JsonNode arguments, @Nullable JsonNode result) {
        return List.of(own(
                "RotateMacKey",
                Map.of(),
                result == null ? null : Map.of("key", result.path("key").asInt())));
    }

    private static List<Deed> backup(JsonNode arguments, @Nullable JsonNode result) {
        return List.of(own(
                "BackupKeyStore",
                Map.of(),
                result == null ? null : Map.of("rows", result.path("rows").asLong())));
    }

    private static Map<String, Object> ofUser(JsonNode arguments) {
        String key = arguments.path("accessKeyId").textValue();
        String user = text(arguments, "name");
        return key == null ? Map.of("userName", user) : Map.of("userName", user, "accessKeyId", key);
    }

    private static Deed iam(String name, Map<String, Object> parameters, @Nullable Map<String, Object> response) {
        return new Deed(AuditEvent.IAM, name, parameters, response);
    }

    private static Deed own(String name, Map<String, Object> parameters, @Nullable Map<String, Object> response) {
        return new Deed(AuditEvent.SALLYPORT, name, parameters, response);
    }

    private static String text(JsonNode node, String name) {
        return node.path(name).asText("");
    }
}

package dev.sallyport.kms.principal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.kms.store.KeyStore;
import dev.sallyport.kms.store.OwnerCommand;
import dev.sallyport.kms.store.StoreException;
import dev.sallyport.kms.store.StoreException.Reason;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The owner's commands on principals; their answers are JSON, and the two that make a key hold its secret. */
public final class PrincipalCommands {
    public static final String ADD = "principal.add";
    public static final String LIST = "principal.list";
    public static final String SET_ENABLED = "principal.set-enabled";
    public static final String REMOVE = "principal.remove";
    public static final String ROTATE = "principal.rotate";
    public static final String POLICY_PUT = "principal.policy-put";
    public static final String POLICY_LIST = "principal.policy-list";
    public static final String POLICY_REMOVE = "principal.policy-remove";

    private final PrincipalAdmin admin;

    private PrincipalCommands(PrincipalAdmin admin) {
        this.admin = admin;
    }

    /** The commands by name, for the account that the store names. */
    public static Map<String, OwnerCommand> of(KeyStore store) {
        PrincipalCommands commands =
                new PrincipalCommands(new PrincipalAdmin(store, Account.of(store), Clock.systemUTC()));
        return Map.of(
                ADD, commands::add,
                LIST, commands::list,
                SET_ENABLED, commands::setEnabled,
                REMOVE, commands::remove,
                ROTATE, commands::rotate,
                POLICY_PUT, commands::policyPut,
                POLICY_LIST, commands::policyList,
                POLICY_REMOVE, commands::policyRemove);
    }

    private JsonNode add(JsonNode arguments, OutputStream data) {
        Map<String, String> policies = new TreeMap<>();
        arguments
                .path("policies")
                .properties()
                .forEach(each -> policies.put(each.getKey(), each.getValue().asText()));
        boolean administrator = arguments.path("admin").asBoolean(false);
        try (NewAccessKey key = admin.add(text(arguments, "name"), policies, administrator)) {
            return describe(key);
        }
    }

    private JsonNode list(JsonNode arguments, OutputStream data) {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        admin.list().forEach(principal -> list.add(describe(principal)));
        return list;
    }

    private JsonNode setEnabled(JsonNode arguments, OutputStream data) {
        if (!arguments.path("enabled").isBoolean()) {
            throw new StoreException(Reason.REFUSED, "the argument enabled is missing");
        }
        admin.setEnabled(
                text(arguments, "name"),
                arguments.path("accessKeyId").textValue(),
                arguments.path("enabled").booleanValue());
        return object();
    }

    private JsonNode remove(JsonNode arguments, OutputStream data) {
        admin.remove(text(arguments, "name"), arguments.path("accessKeyId").textValue());
        return object();
    }

    private JsonNode rotate(JsonNode arguments, OutputStream data) {
        try (NewAccessKey key = admin.rotate(text(arguments, "name"))) {
            return describe(key);
        }
    }

    private JsonNode policyPut(JsonNode arguments, OutputStream data) {
        admin.putPolicy(text(arguments, "name"), text(arguments, "policy"), text(arguments, "document"));
        return object();
    }

    private JsonNode policyList(JsonNode arguments, OutputStream data) {
        ObjectNode list = object();
        admin.policies(text(arguments, "name")).forEach(list::put);
        return list;
    }

    private JsonNode policyRemove(JsonNode arguments, OutputStream data) {
        admin.removePolicy(text(arguments, "name"), text(arguments, "policy"));
        return object();
    }

    private static ObjectNode describe(NewAccessKey key) {
        String secret = key.secret().use(bytes -> new String(bytes, StandardCharsets.US_ASCII));
        return object().put("arn", key.arn()).put("accessKeyId", key.id()).put("secretAccessKey", secret);
    }

    private static ObjectNode describe(PrincipalInfo principal) {
        ObjectNode json = object();
        json.put("name", principal.name());
        json.put("arn", principal.arn());
        json.put("principalId", principal.principalId());
        json.put("enabled", principal.enabled());
        json.put("created", principal.created().toString());
        ArrayNode keys = json.putArray("accessKeys");
        for (AccessKeyInfo key : principal.accessKeys()) {
            @Nullable Instant expires = key.expires();
            keys.addObject()
                    .put("id", key.id())
                    .put("type", key.type().wireName())
                    .put("active", key.active())
                    .put("created", key.created().toString())
                    .put("expires", expires == null ? null : expires.toString());
        }
        ArrayNode policies = json.putArray("policies");
        principal.policies().forEach(policies::add);
        return json;
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private static String text(JsonNode arguments, String name) {
        String value = arguments.path(name).textValue();
        if (value == null) {
            throw new StoreException(Reason.REFUSED, "the argument " + name + " is missing");
        }
        return value;
    }
}

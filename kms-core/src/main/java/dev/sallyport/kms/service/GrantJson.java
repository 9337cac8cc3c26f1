package dev.sallyport.kms.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.kms.EncryptionContext;
import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The JSON in the payload of a grant's row. Specified in {@code docs/service.md}. */
final class GrantJson {
    private static final ObjectMapper JSON = new ObjectMapper();

    private GrantJson() {}

    static byte[] write(GrantRecord grant) {
        ObjectNode json = JSON.createObjectNode();
        json.put("v", 1);
        holder(json, "grantee", grant.grantee());
        holder(json, "retiring", grant.retiring());
        operations(json, grant);
        GrantConstraint constraint = grant.constraint();
        if (constraint != null) {
            ObjectNode pairs = json.putObject("constraint")
                    .put("type", constraint.type().name())
                    .putObject("context");
            constraint.context().pairs().forEach(pairs::put);
        }
        if (grant.name() != null) {
            json.put("name", grant.name());
        }
        json.put("issuer", grant.issuingAccount());
        json.put("created", grant.creationDate().toEpochMilli());
        return RecordJson.bytes(json);
    }

    /** What makes two requests for a grant the same, except the pairs of the constraint: not when, not by whom. */
    static byte[] content(GrantRecord grant) {
        ObjectNode json = JSON.createObjectNode();
        holder(json, "grantee", grant.grantee());
        holder(json, "retiring", grant.retiring());
        operations(json, grant);
        GrantConstraint constraint = grant.constraint();
        json.put("constraint", constraint == null ? null : constraint.type().name());
        json.put("name", grant.name());
        return RecordJson.bytes(json);
    }

    static GrantRecord grant(String accountId, String region, String keyId, String grantId, byte[] payload) {
        JsonNode json = RecordJson.read(payload);
        Set<GrantOperation> operations = EnumSet.noneOf(GrantOperation.class);
        for (JsonNode each : json.path("operations")) {
            GrantOperation operation = GrantOperation.of(each.asText());
            if (operation == null) {
                throw new IllegalStateException("a grant of an operation that this program does not know");
            }
            operations.add(operation);
        }
        GrantRecord.Holder grantee = holder(json.get("grantee"));
        if (grantee == null) {
            throw new IllegalStateException("a grant to nobody");
        }
        JsonNode name = json.get("name");
        return new GrantRecord(
                accountId,
                region,
                keyId,
                grantId,
                grantee,
                holder(json.get("retiring")),
                operations,
                constraint(json.get("constraint")),
                name == null ? null : name.asText(),
                json.path("issuer").asText(),
                Instant.ofEpochMilli(json.path("created").asLong()));
    }

    private static @Nullable GrantConstraint constraint(@Nullable JsonNode json) {
        if (json == null) {
            return null;
        }
        Map<String, String> pairs = new LinkedHashMap<>();
        json.path("context")
                .properties()
                .forEach(pair -> pairs.put(pair.getKey(), pair.getValue().asText()));
        // an unknown type fails here, and with it every request that this grant might allow
        return new GrantConstraint(
                GrantConstraint.Type.valueOf(json.path("type").asText()), new EncryptionContext(pairs));
    }

    private static void operations(ObjectNode json, GrantRecord grant) {
        ArrayNode operations = json.putArray("operations");
        grant.operationNames().forEach(operations::add);
    }

    private static void holder(ObjectNode json, String name, GrantRecord.@Nullable Holder holder) {
        if (holder != null) {
            json.putObject(name).put("arn", holder.arn()).put("id", holder.id());
        }
    }

    private static GrantRecord.@Nullable Holder holder(@Nullable JsonNode json) {
        return json == null
                ? null
                : new GrantRecord.Holder(
                        json.path("arn").asText(), json.path("id").asText());
    }
}

package dev.sallyport.kms.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The JSON in the payloads of key and alias rows. Times are milliseconds since 1970. Specified in {@code docs/service.md}. */
final class RecordJson {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int VERSION = 1;

    private RecordJson() {}

    static byte[] write(KeyRecord key) {
        ObjectNode json = JSON.createObjectNode();
        json.put("v", VERSION);
        json.put("description", key.description());
        json.put("created", key.creationDate().toEpochMilli());
        json.put("state", key.state().name());
        putTime(json, "deletionDate", key.deletionDate());
        json.put("pendingWindowInDays", key.pendingWindowInDays());
        if (key.managedAlias() != null) {
            json.put("managedAlias", key.managedAlias());
        }
        json.put("policy", key.policy());
        ObjectNode tags = json.putObject("tags");
        key.tags().forEach(tags::put);
        ObjectNode rotation = json.putObject("rotation");
        rotation.put("enabled", key.rotation().enabled());
        rotation.put("periodInDays", key.rotation().periodInDays());
        putTime(rotation, "next", key.rotation().nextDate());
        json.put("onDemandRotations", key.onDemandRotations());
        ArrayNode materials = json.putArray("materials");
        for (MaterialRecord material : key.materials()) {
            ObjectNode each = materials.addObject();
            each.put("id", material.id());
            each.put("since", material.since().toEpochMilli());
            RotationType type = material.rotationType();
            if (type != null) {
                each.put("rotation", type.name());
            }
        }
        return bytes(json);
    }

    static KeyRecord key(String accountId, String region, String keyId, byte[] payload) {
        JsonNode json = read(payload);
        TreeMap<String, String> tags = new TreeMap<>();
        json.path("tags")
                .properties()
                .forEach(tag -> tags.put(tag.getKey(), tag.getValue().asText()));
        List<MaterialRecord> materials = new ArrayList<>();
        for (JsonNode each : json.path("materials")) {
            JsonNode type = each.get("rotation");
            materials.add(new MaterialRecord(
                    each.path("id").asText(),
                    Instant.ofEpochMilli(each.path("since").asLong()),
                    type == null ? null : RotationType.valueOf(type.asText())));
        }
        JsonNode rotation = json.path("rotation");
        JsonNode managed = json.get("managedAlias");
        return new KeyRecord(
                accountId,
                region,
                keyId,
                json.path("description").asText(),
                Instant.ofEpochMilli(json.path("created").asLong()),
                KeyState.valueOf(json.path("state").asText()),
                time(json, "deletionDate"),
                json.path("pendingWindowInDays").asInt(),
                managed == null ? null : managed.asText(),
                json.path("policy").asText(),
                tags,
                new KeyRecord.Rotation(
                        rotation.path("enabled").asBoolean(),
                        rotation.path("periodInDays").asInt(),
                        time(rotation, "next")),
                json.path("onDemandRotations").asInt(),
                materials);
    }

    static byte[] write(AliasRecord alias) {
        ObjectNode json = JSON.createObjectNode();
        json.put("v", VERSION);
        json.put("target", alias.targetKeyId());
        json.put("created", alias.creationDate().toEpochMilli());
        json.put("updated", alias.lastUpdatedDate().toEpochMilli());
        return bytes(json);
    }

    static AliasRecord alias(String accountId, String region, String name, byte[] payload) {
        JsonNode json = read(payload);
        return new AliasRecord(
                accountId,
                region,
                name,
                json.path("target").asText(),
                Instant.ofEpochMilli(json.path("created").asLong()),
                Instant.ofEpochMilli(json.path("updated").asLong()));
    }

    static JsonNode read(byte[] payload) {
        JsonNode json;
        try {
            json = JSON.readTree(payload);
        } catch (IOException e) {
            throw new IllegalStateException("a row of the key store holds no JSON", e);
        }
        if (json.path("v").asInt() != VERSION) {
            throw new IllegalStateException("a row of the key store has a version that this program does not know");
        }
        return json;
    }

    static byte[] bytes(ObjectNode json) {
        try {
            return JSON.writeValueAsBytes(json);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void putTime(ObjectNode json, String name, @Nullable Instant time) {
        if (time != null) {
            json.put(name, time.toEpochMilli());
        }
    }

    private static @Nullable Instant time(JsonNode json, String name) {
        JsonNode value = json.get(name);
        return value == null ? null : Instant.ofEpochMilli(value.asLong());
    }
}

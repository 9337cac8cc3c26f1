package dev.sallyport.kms.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the index knows of an event: the words by which it can be searched. */
final class EventTokens {
    private static final JsonMapper MAPPER = new JsonMapper();

    private EventTokens() {}

    static String key(String arnOrId) {
        return "k " + arnOrId;
    }

    static String principal(String arnOrName) {
        return "p " + arnOrName;
    }

    static String event(String name) {
        return "e " + name;
    }

    static String request(String id) {
        return "r " + id;
    }

    /** The words of an event that is about to be written. */
    static List<String> of(AuditEvent event) {
        List<String> tokens = new ArrayList<>();
        for (String arn : event.keyArns()) {
            addKey(tokens, arn);
        }
        tokens.add(principal(event.call().caller().arn()));
        tokens.add(principal(event.call().caller().userName()));
        tokens.add(event(event.eventName()));
        tokens.add(request(event.call().requestId()));
        return tokens;
    }

    /** The same words, from the record. */
    static List<String> of(String json) {
        JsonNode event = parse(json);
        List<String> tokens = new ArrayList<>();
        event.path("resources")
                .forEach(resource -> addKey(tokens, resource.path("ARN").asText()));
        JsonNode identity = event.path("userIdentity");
        tokens.add(principal(identity.path("arn").asText()));
        tokens.add(principal(userName(identity)));
        tokens.add(event(event.path("eventName").asText()));
        tokens.add(request(event.path("requestID").asText()));
        return tokens;
    }

    /** The user's name, which for a role session is the last part of the ARN. */
    static String userName(JsonNode identity) {
        if (identity.has("userName")) {
            return identity.get("userName").asText();
        }
        String arn = identity.path("arn").asText();
        return arn.substring(arn.lastIndexOf('/') + 1);
    }

    private static void addKey(List<String> tokens, String arn) {
        tokens.add(key(arn));
        tokens.add(key(keyId(arn)));
    }

    /** The id inside a key ARN. */
    static String keyId(String arn) {
        return arn.substring(arn.lastIndexOf('/') + 1);
    }

    static @Nullable StoreDigest digest(String json) {
        JsonNode node = parse(json);
        try {
            return new StoreDigest(
                    node.path("epoch").asLong(), node.path("digest").asText());
        } catch (IllegalArgumentException e) {
            throw new JournalCorruptException("a store digest in the journal is malformed");
        }
    }

    static JsonNode parse(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new JournalCorruptException("an event in the journal is not JSON");
        }
    }
}

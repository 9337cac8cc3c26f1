package dev.sallyport.gateway.kmsapi;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.gateway.kmsapi.KmsFixture.Result;
import dev.sallyport.kms.service.Operation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every operation, from the table of its input: a member missing, too long, out of range or of a wrong type, an unknown key,
 * no permission. Each is refused with the right error and one audit event; none is a 500, none succeeds.
 */
class KmsContractTest {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final String GRANT =
            "\"GranteePrincipal\":\"" + KmsFixture.USERS + "alice\",\"Operations\":[\"Decrypt\"]}";

    @TempDir
    Path directory = Path.of("");

    private KmsFixture kms;
    private String blob = "";

    @BeforeEach
    void open() {
        kms = KmsFixture.create(directory);
    }

    @AfterEach
    void close() {
        kms.close();
    }

    @Test
    void aValidRequestSucceedsAlsoWithAnUnknownMember() {
        for (Operation operation : Operation.values()) {
            ObjectNode request = valid(operation);
            request.putObject("NobodyKnowsThis").putArray("x").add(1);
            Result result = call("admin", operation, request);
            assertThat(result.status)
                    .as("%s %s", operation.wireName(), result.body)
                    .isEqualTo(200);
        }
    }

    @Test
    void aMissingMemberIsAValidationError() {
        for (Operation operation : Operation.values()) {
            for (Shape.Member member : ApiModel.input(operation).members()) {
                if (member.required()) {
                    for (boolean asNull : new boolean[] {true, false}) {
                        ObjectNode request = valid(operation);
                        if (asNull) {
                            request.putNull(member.name());
                        } else {
                            request.remove(member.name());
                        }
                        refused(operation, request, "ValidationException", "Member must not be null");
                    }
                }
            }
        }
    }

    @Test
    void aValueOutOfBoundsIsAValidationError() {
        for (Operation operation : Operation.values()) {
            for (Shape.Member member : ApiModel.input(operation).members()) {
                ObjectNode request = valid(operation);
                switch (member.shape()) {
                    case Shape.Text text -> {
                        if (!text.values().isEmpty()) {
                            request.put(member.name(), "NONE_SUCH");
                            refused(operation, request, "ValidationException", "Member must satisfy enum value set: [");
                        } else if (text.max() != Shape.NO_LIMIT) {
                            request.put(member.name(), "a".repeat(text.max() + 1));
                            refused(
                                    operation,
                                    request,
                                    "ValidationException",
                                    "Member must have length less than or equal to " + text.max());
                        }
                    }
                    case Shape.Int range -> {
                        request.put(member.name(), range.max() + 1);
                        refused(
                                operation,
                                request,
                                "ValidationException",
                                "Member must have value less than or equal to " + range.max());
                        request.put(member.name(), range.min() - 1);
                        refused(
                                operation,
                                request,
                                "ValidationException",
                                "Member must have value greater than or equal to " + range.min());
                    }
                    case Shape.Blob bytes -> {
                        request.put(member.name(), Base64.getEncoder().encodeToString(new byte[bytes.max() + 1]));
                        refused(
                                operation,
                                request,
                                "ValidationException",
                                "Value at '" + lower(member.name())
                                        + "' failed to satisfy constraint: Member must have length less than or equal to "
                                        + bytes.max());
                    }
                    case Shape.ListOf list -> {
                        if (list.max() != Shape.NO_LIMIT) {
                            var values = request.putArray(member.name());
                            for (int i = 0; i <= list.max(); i++) {
                                values.add(
                                        list.member() instanceof Shape.Text text
                                                        && !text.values().isEmpty()
                                                ? text.values().getFirst()
                                                : "x");
                            }
                            refused(
                                    operation,
                                    request,
                                    "ValidationException",
                                    "Member must have length less than or equal to " + list.max());
                        }
                    }
                    case Shape.Bool ignored -> {}
                    case Shape.TextMap ignored -> {}
                    case Shape.Struct ignored -> {}
                }
            }
        }
    }

    @Test
    void aWrongTypeIsASerializationError() {
        for (Operation operation : Operation.values()) {
            for (Shape.Member member : ApiModel.input(operation).members()) {
                JsonNode[] wrong = switch (member.shape()) {
                    case Shape.Text ignored -> nodes(NODES.numberNode(1), NODES.objectNode(), NODES.arrayNode());
                    case Shape.Blob ignored -> nodes(NODES.numberNode(1), NODES.textNode("?"), NODES.arrayNode());
                    case Shape.Int ignored -> nodes(NODES.textNode("1"), NODES.numberNode(1.5), NODES.objectNode());
                    case Shape.Bool ignored -> nodes(NODES.textNode("true"), NODES.numberNode(1));
                    case Shape.ListOf ignored ->
                        nodes(
                                NODES.textNode("x"),
                                NODES.objectNode(),
                                NODES.arrayNode().add(1));
                    case Shape.TextMap ignored ->
                        nodes(
                                NODES.textNode("x"),
                                NODES.arrayNode(),
                                NODES.objectNode().put("a", 1));
                    case Shape.Struct ignored -> nodes(NODES.textNode("x"), NODES.arrayNode());
                };
                for (JsonNode value : wrong) {
                    ObjectNode request = valid(operation);
                    request.set(member.name(), value);
                    refused(operation, request, "SerializationException", "");
                }
            }
        }
    }

    @Test
    void anUnknownKeyIsNotFound() {
        String arn = "arn:aws:kms:" + KmsFixture.REGION + ":" + KmsFixture.ACCOUNT
                + ":key/0d990263-018e-4e65-a703-eff731de951e";
        for (Operation operation : Operation.values()) {
            for (Shape.Member member : ApiModel.input(operation).members()) {
                if (member.name().endsWith("KeyId")) {
                    ObjectNode request = valid(operation);
                    if (member.name().equals("XksKeyId")) {
                        continue;
                    }
                    request.put(member.name(), arn);
                    refused(operation, request, "NotFoundException", "Key '" + arn + "' does not exist");
                }
            }
        }
    }

    @Test
    void withoutPermissionNothingIsDone() {
        for (Operation operation : Operation.values()) {
            ObjectNode request = valid(operation);
            kms.events.clear();
            Result result = call("nobody", operation, request);
            assertThat(result.type()).as(operation.wireName()).isEqualTo("AccessDeniedException");
            assertThat(result.body.has("Message")).isTrue();
            assertThat(kms.events).hasSize(1);
            assertThat(kms.events.getFirst().eventName()).isEqualTo(operation.wireName());
            assertThat(kms.events.getFirst().errorCode()).isEqualTo("AccessDenied");
        }
    }

    private void refused(Operation operation, ObjectNode request, String type, String part) {
        kms.events.clear();
        Result result = call("admin", operation, request);
        String shown = operation.wireName() + " " + cut(request.toString()) + " → " + cut(result.body.toString());
        assertThat(result.status).as(shown).isEqualTo(400);
        assertThat(result.type()).as(shown).isEqualTo(type);
        assertThat(result.message()).as(shown).contains(part);
        assertThat(kms.events).as(shown).hasSize(1);
        assertThat(kms.events.getFirst().eventName()).isEqualTo(operation.wireName());
        assertThat(kms.events.getFirst().errorCode()).isEqualTo(type);
    }

    private Result call(String user, Operation operation, ObjectNode request) {
        return kms.callAs(user, operation.wireName(), request.toString());
    }

    private static JsonNode[] nodes(JsonNode... nodes) {
        return nodes;
    }

    private static String lower(String name) {
        return Character.toLowerCase(name.charAt(0)) + name.substring(1);
    }

    private static String cut(String text) {
        return text.length() <= 300 ? text : text.substring(0, 300) + "…";
    }

    private final Map<Operation, String> keys = new EnumMap<>(Operation.class);

    /** A request that succeeds, on a key of the operation's own, in the state that it needs. */
    private ObjectNode valid(Operation operation) {
        String key = keys.computeIfAbsent(
                operation, each -> kms.createKey("{}").path("Arn").asText());
        if (blob.isEmpty()) {
            String other = kms.createKey("{}").path("Arn").asText();
            blob = kms.call("Encrypt", "{\"KeyId\":\"" + other + "\",\"Plaintext\":\"AAAA\"}")
                    .text("CiphertextBlob");
        }
        String ofKey = "{\"KeyId\":\"" + key + "\"";
        String text = switch (operation) {
            case CREATE_KEY, LIST_KEYS, LIST_ALIASES -> "{}";
            case CREATE_GRANT -> ofKey + "," + GRANT;
            case LIST_GRANTS -> ofKey + "}";
            case LIST_RETIRABLE_GRANTS -> "{\"RetiringPrincipal\":\"" + KmsFixture.USERS + "alice\"}";
            case RETIRE_GRANT, REVOKE_GRANT -> {
                String grantId = kms.call("CreateGrant", ofKey + "," + GRANT).text("GrantId");
                yield ofKey + ",\"GrantId\":\"" + grantId + "\"}";
            }
            case GENERATE_RANDOM -> "{\"NumberOfBytes\":1}";
            case DECRYPT -> "{\"CiphertextBlob\":\"" + blob + "\"}";
            case RE_ENCRYPT -> "{\"CiphertextBlob\":\"" + blob + "\",\"DestinationKeyId\":\"" + key + "\"}";
            case ENCRYPT -> ofKey + ",\"Plaintext\":\"AAAA\"}";
            case GENERATE_DATA_KEY, GENERATE_DATA_KEY_WITHOUT_PLAINTEXT -> ofKey + ",\"KeySpec\":\"AES_256\"}";
            case UPDATE_KEY_DESCRIPTION -> ofKey + ",\"Description\":\"d\"}";
            case TAG_RESOURCE -> ofKey + ",\"Tags\":[{\"TagKey\":\"k\",\"TagValue\":\"v\"}]}";
            case UNTAG_RESOURCE -> ofKey + ",\"TagKeys\":[\"k\"]}";
            case PUT_KEY_POLICY ->
                ofKey + ",\"Policy\":"
                        + NODES.textNode(kms.call("GetKeyPolicy", ofKey + "}").text("Policy")) + "}";
            case CREATE_ALIAS -> "{\"AliasName\":\"alias/new\",\"TargetKeyId\":\"" + key + "\"}";
            case UPDATE_ALIAS, DELETE_ALIAS -> {
                String name = "alias/" + operation.wireName();
                kms.call("CreateAlias", "{\"AliasName\":\"" + name + "\",\"TargetKeyId\":\"" + key + "\"}");
                yield operation == Operation.DELETE_ALIAS
                        ? "{\"AliasName\":\"" + name + "\"}"
                        : "{\"AliasName\":\"" + name + "\",\"TargetKeyId\":\"" + key + "\"}";
            }
            case CANCEL_KEY_DELETION -> {
                kms.call("ScheduleKeyDeletion", ofKey + "}");
                yield ofKey + "}";
            }
            case DESCRIBE_KEY,
                    DISABLE_KEY,
                    DISABLE_KEY_ROTATION,
                    ENABLE_KEY,
                    ENABLE_KEY_ROTATION,
                    GET_KEY_POLICY,
                    GET_KEY_ROTATION_STATUS,
                    LIST_KEY_POLICIES,
                    LIST_KEY_ROTATIONS,
                    LIST_RESOURCE_TAGS,
                    ROTATE_KEY_ON_DEMAND,
                    SCHEDULE_KEY_DELETION -> ofKey + "}";
        };
        try {
            return (ObjectNode) KmsFixture.JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package dev.sallyport.kms.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.kms.seal.SealInfo;
import dev.sallyport.kms.seal.SealSecret;
import dev.sallyport.kms.store.StoreException.Reason;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Base64;
import java.util.Map;

/** The owner's commands on the key store as a whole. */
public final class StoreCommands {
    public static final String BACKUP = "keystore.backup";
    public static final String VERIFY = "keystore.verify";
    public static final String SEALS = "keystore.seals";
    public static final String ADD_SEAL = "keystore.add-seal";
    public static final String REMOVE_SEAL = "keystore.remove-seal";
    public static final String ROTATE_MAC_KEY = "keystore.rotate-mac-key";

    private final SqliteKeyStore store;

    private StoreCommands(SqliteKeyStore store) {
        this.store = store;
    }

    /** The commands by name. */
    public static Map<String, OwnerCommand> of(SqliteKeyStore store) {
        StoreCommands commands = new StoreCommands(store);
        return Map.of(
                BACKUP, commands::backup,
                VERIFY, commands::verify,
                SEALS, commands::seals,
                ADD_SEAL, commands::addSeal,
                REMOVE_SEAL, commands::removeSeal,
                ROTATE_MAC_KEY, commands::rotateMacKey);
    }

    private JsonNode backup(JsonNode arguments, OutputStream data) throws IOException {
        return object().put("rows", Backups.write(store, data));
    }

    private JsonNode verify(JsonNode arguments, OutputStream data) {
        long rows = store.verify();
        StoreDigest digest = store.digest();
        return object().put("rows", rows).put("epoch", digest.epoch()).put("digest", digest.value());
    }

    private JsonNode seals(JsonNode arguments, OutputStream data) {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        store.seals().forEach(seal -> list.add(describe(seal)));
        return list;
    }

    private JsonNode addSeal(JsonNode arguments, OutputStream data) {
        byte[] bytes = Base64.getDecoder().decode(text(arguments, "secret"));
        try (SealSecret secret = switch (text(arguments, "type")) {
            case "passphrase" -> SealSecret.passphrase(bytes);
            case "key-file" -> SealSecret.key(bytes);
            default -> throw new StoreException(Reason.REFUSED, "unknown type of seal");
        }) {
            return describe(store.addSeal(secret));
        }
    }

    private JsonNode removeSeal(JsonNode arguments, OutputStream data) {
        store.removeSeal(text(arguments, "id"));
        return object();
    }

    private JsonNode rotateMacKey(JsonNode arguments, OutputStream data) {
        try (MacKeys keys = MacKeys.open(store)) {
            return object().put("key", keys.rotate());
        }
    }

    private static ObjectNode describe(SealInfo seal) {
        return object().put("id", seal.id())
                .put("type", seal.type().wireName())
                .put("created", seal.created().toString());
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** A text argument that must be there. */
    static String text(JsonNode arguments, String name) {
        String value = arguments.path(name).textValue();
        if (value == null) {
            throw new StoreException(Reason.REFUSED, "the argument " + name + " is missing");
        }
        return value;
    }
}

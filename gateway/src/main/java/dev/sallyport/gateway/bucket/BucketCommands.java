package dev.sallyport.gateway.bucket;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.gateway.s3.BucketName;
import dev.sallyport.gateway.sse.DefaultEncryption.Rule;
import dev.sallyport.kms.audit.AuditEvent;
import dev.sallyport.kms.audit.AuditLog;
import dev.sallyport.kms.principal.CommandAudit;
import dev.sallyport.kms.principal.OwnerCommands;
import dev.sallyport.kms.store.KeyStore;
import dev.sallyport.kms.store.OwnerCommand;
import dev.sallyport.kms.store.SqliteKeyStore;
import dev.sallyport.kms.store.StoreException;
import dev.sallyport.kms.store.StoreException.Reason;
import java.io.OutputStream;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The owner's commands on the settings of buckets that no S3 request can reach: what is made of foreign objects. */
public final class BucketCommands {
    public static final String SHOW = "bucket.show";
    public static final String SET_MODE = "bucket.set-mode";

    private final BucketSettingsStore settings;

    private BucketCommands(BucketSettingsStore settings) {
        this.settings = settings;
    }

    /**
     * All that the owner of a gateway's key store does for other processes.
     *
     * @param audit takes the events of commands that change something, before they answer
     */
    public static Map<String, OwnerCommand> withAllOthers(SqliteKeyStore store, AuditLog audit) {
        Map<String, OwnerCommand> commands = new HashMap<>(OwnerCommands.of(store, audit));
        commands.putAll(of(store, new CommandAudit(store, audit, Clock.systemUTC())));
        return Map.copyOf(commands);
    }

    static Map<String, OwnerCommand> of(KeyStore store, CommandAudit audit) {
        // what a bucket without a mode of its own gets is the configuration's affair
        BucketCommands commands = new BucketCommands(new BucketSettingsStore(store, BucketMode.STRICT));
        return Map.of(SHOW, commands::show, SET_MODE, audit.audited(commands::setMode, BucketCommands::describe));
    }

    private JsonNode show(JsonNode arguments, OutputStream data) {
        BucketSettings found = settings.get(bucket(arguments));
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        BucketMode mode = found.mode();
        answer.put("mode", mode == null ? null : name(mode));
        Rule rule = found.encryption();
        if (rule != null) {
            answer.putObject("encryption").put("key", rule.keyId()).put("bucketKey", rule.bucketKey());
        }
        return answer;
    }

    private JsonNode setMode(JsonNode arguments, OutputStream data) {
        settings.putMode(bucket(arguments), mode(arguments.path("mode").asText("")));
        return JsonNodeFactory.instance.objectNode();
    }

    private static List<CommandAudit.Deed> describe(JsonNode arguments, @Nullable JsonNode result) {
        return List.of(new CommandAudit.Deed(
                AuditEvent.SALLYPORT,
                "SetBucketMode",
                Map.of(
                        "bucketName", arguments.path("bucket").asText(""),
                        "mode", arguments.path("mode").asText("")),
                null));
    }

    private static String bucket(JsonNode arguments) {
        String bucket = arguments.path("bucket").asText("");
        if (!BucketName.isValid(bucket)) {
            throw new StoreException(Reason.REFUSED, "that is no name of a bucket");
        }
        return bucket;
    }

    private static @Nullable BucketMode mode(String text) {
        return switch (text) {
            case "default" -> null;
            case "strict" -> BucketMode.STRICT;
            case "mixed" -> BucketMode.MIXED;
            default -> throw new StoreException(Reason.REFUSED, "a bucket's mode is strict, mixed or default");
        };
    }

    private static String name(BucketMode mode) {
        return mode.name().toLowerCase(Locale.ROOT);
    }
}

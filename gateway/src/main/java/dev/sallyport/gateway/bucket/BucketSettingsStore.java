package dev.sallyport.gateway.bucket;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.gateway.sse.DefaultEncryption;
import dev.sallyport.kms.store.KeyStore;
import dev.sallyport.kms.store.Row;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Settings of buckets: rows of kind {@code bucket} in the key store, by the gateway's name. They are sealed, in its digest
 * and in its backup like keys. What was read is kept as long as the key store has not changed.
 *
 * <p>The payload is JSON: {@code {"v":1,"encryption":{"key":…,"bucketKey":…},"mode":"strict"|"mixed"}}; each part may be
 * absent, and so may {@code key}.
 */
public final class BucketSettingsStore implements DefaultEncryption {
    private static final String KIND = "bucket";
    private static final int MOST_KEPT = 10_000;
    private static final JsonMapper JSON = new JsonMapper();

    private final KeyStore store;
    private final BucketMode defaultMode;
    private final Map<String, Kept> kept = new ConcurrentHashMap<>();

    private record Kept(long epoch, BucketSettings settings) {}

    /** @param defaultMode of buckets that have none of their own */
    public BucketSettingsStore(KeyStore store, BucketMode defaultMode) {
        this.store = store;
        this.defaultMode = defaultMode;
    }

    @Override
    public Rule of(String bucket) {
        Rule rule = get(bucket).encryption();
        return rule == null ? Rule.INSTALLATION : rule;
    }

    public BucketMode mode(String bucket) {
        BucketMode mode = get(bucket).mode();
        return mode == null ? defaultMode : mode;
    }

    public BucketSettings get(String bucket) {
        long epoch = store.epoch();
        Kept found = kept.get(bucket);
        if (found != null && found.epoch() == epoch) {
            return found.settings();
        }
        BucketSettings settings = store.read(reader ->
                reader.get(KIND, bucket).map(row -> decode(row.payload())).orElse(BucketSettings.NONE));
        if (kept.size() >= MOST_KEPT) {
            kept.clear();
        }
        kept.put(bucket, new Kept(epoch, settings));
        return settings;
    }

    /** Sets or removes (null) the default encryption. */
    public void putEncryption(String bucket, @Nullable Rule rule) {
        update(bucket, settings -> settings.withEncryption(rule));
    }

    /** Sets or removes (null) the mode. */
    public void putMode(String bucket, @Nullable BucketMode mode) {
        update(bucket, settings -> settings.withMode(mode));
    }

    /** Forgets a bucket that was deleted. */
    public void remove(String bucket) {
        if (!get(bucket).equals(BucketSettings.NONE)) {
            store.write(writer -> writer.delete(KIND, bucket));
        }
    }

    private void update(String bucket, UnaryOperator<BucketSettings> change) {
        store.write(writer -> {
            BucketSettings before =
                    writer.get(KIND, bucket).map(row -> decode(row.payload())).orElse(BucketSettings.NONE);
            BucketSettings after = change.apply(before);
            if (after.equals(BucketSettings.NONE)) {
                return writer.delete(KIND, bucket);
            }
            writer.put(new Row(KIND, bucket, null, encode(after)));
            return true;
        });
    }

    static byte[] encode(BucketSettings settings) {
        ObjectNode node = JSON.createObjectNode().put("v", 1);
        Rule rule = settings.encryption();
        if (rule != null) {
            ObjectNode encryption = node.putObject("encryption").put("bucketKey", rule.bucketKey());
            if (rule.keyId() != null) {
                encryption.put("key", rule.keyId());
            }
        }
        BucketMode mode = settings.mode();
        if (mode != null) {
            node.put("mode", mode.name().toLowerCase(Locale.ROOT));
        }
        try {
            return JSON.writeValueAsBytes(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Rows are authenticated, so one that cannot be read is a defect or a newer version, never input. */
    static BucketSettings decode(byte[] payload) {
        JsonNode node;
        try {
            node = JSON.readTree(payload);
        } catch (IOException e) {
            throw new IllegalStateException("bucket settings that are not JSON", e);
        }
        if (node.path("v").asInt() != 1) {
            throw new IllegalStateException("bucket settings of version " + node.path("v"));
        }
        Rule rule = null;
        JsonNode encryption = node.get("encryption");
        if (encryption != null) {
            JsonNode key = encryption.get("key");
            rule = new Rule(
                    key == null ? null : key.asText(),
                    encryption.path("bucketKey").asBoolean());
        }
        JsonNode mode = node.get("mode");
        return new BucketSettings(
                rule, mode == null ? null : BucketMode.valueOf(mode.asText().toUpperCase(Locale.ROOT)));
    }
}

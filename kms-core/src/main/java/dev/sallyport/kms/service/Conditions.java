package dev.sallyport.kms.service;

import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.access.AccessRequest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the condition keys of a request. What follows from the caller and the clock, the evaluator adds itself.
 *
 * @see <a href="https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html">AWS KMS condition keys</a>
 */
final class Conditions {
    private final Map<String, List<String>> values = new HashMap<>();

    static Conditions none() {
        return new Conditions();
    }

    /** Of an operation that encrypts or decrypts. */
    static Conditions of(EncryptionContext context) {
        Conditions conditions = new Conditions().with("kms:EncryptionAlgorithm", "SYMMETRIC_DEFAULT");
        if (!context.isEmpty()) {
            context.pairs().forEach((key, value) -> conditions.with("kms:EncryptionContext:" + key, value));
            conditions.values.put(
                    "kms:EncryptionContextKeys",
                    List.copyOf(new TreeSet<>(context.pairs().keySet())));
        }
        return conditions;
    }

    static Conditions ofTags(List<Tag> tags) {
        Conditions conditions = new Conditions();
        for (Tag tag : tags) {
            conditions.with("aws:RequestTag/" + tag.tagKey(), tag.tagValue());
        }
        return conditions.withTagKeys(tags.stream().map(Tag::tagKey).toList());
    }

    Conditions withTagKeys(List<String> keys) {
        if (!keys.isEmpty()) {
            values.put("aws:TagKeys", List.copyOf(keys));
        }
        return this;
    }

    Conditions with(String key, String value) {
        values.put(key, List.of(value));
        return this;
    }

    /** All of them, with those of the call and, when there is one, of the key. */
    Map<String, List<String>> complete(CallContext call, @Nullable KnownKey key) {
        Map<String, List<String>> all = new HashMap<>(64);
        if (key != null) {
            all.putAll(key.conditions());
        }
        all.putAll(values);
        all.putAll(AccessRequest.conditionsOf(call));
        return all;
    }
}

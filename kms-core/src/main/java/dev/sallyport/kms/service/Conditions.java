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
    private EncryptionContext context = EncryptionContext.EMPTY;
    private @Nullable GrantRecord proposedGrant;

    static Conditions none() {
        return new Conditions();
    }

    /** Of an operation that encrypts or decrypts. */
    static Conditions of(EncryptionContext context) {
        Conditions conditions = new Conditions().with("kms:EncryptionAlgorithm", "SYMMETRIC_DEFAULT");
        conditions.context = context;
        conditions.withContextKeys(context);
        return conditions;
    }

    /** Of CreateGrant. */
    static Conditions ofProposed(GrantRecord grant) {
        Conditions conditions = ofGrant(grant);
        conditions.proposedGrant = grant;
        conditions.values.put("kms:GrantOperations", grant.operationNames());
        conditions.with("kms:GranteePrincipal", grant.grantee().arn());
        GrantRecord.Holder retiring = grant.retiring();
        return retiring == null ? conditions : conditions.with("kms:RetiringPrincipal", retiring.arn());
    }

    /** Of a grant that exists: what it asks for. */
    static Conditions ofGrant(GrantRecord grant) {
        Conditions conditions = new Conditions();
        GrantConstraint constraint = grant.constraint();
        if (constraint != null) {
            conditions.with("kms:GrantConstraintType", constraint.type().wireName());
            conditions.withContextKeys(constraint.context());
        }
        return conditions;
    }

    private void withContextKeys(EncryptionContext pairs) {
        if (!pairs.isEmpty()) {
            pairs.pairs().forEach((key, value) -> with("kms:EncryptionContext:" + key, value));
            values.put(
                    "kms:EncryptionContextKeys",
                    List.copyOf(new TreeSet<>(pairs.pairs().keySet())));
        }
    }

    /** The context of the operation, which grants are asked about; empty for an operation that has none. */
    EncryptionContext context() {
        return context;
    }

    /** The grant that the request would make; null for any other request. */
    @Nullable GrantRecord proposedGrant() {
        return proposedGrant;
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

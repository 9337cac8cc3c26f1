package dev.sallyport.kms.service;

import dev.sallyport.kms.access.PolicyDocument;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A key as a request sees it: one consistent snapshot.
 *
 * @param epoch the store's epoch before the snapshot was taken
 * @param policy the key policy, parsed
 * @param aliases names of the key's aliases
 * @param conditions the condition keys that follow from the key alone
 */
record KnownKey(
        long epoch, KeyRecord key, PolicyDocument policy, List<String> aliases, Map<String, List<String>> conditions) {
    KnownKey {
        aliases = List.copyOf(aliases);
        conditions = Map.copyOf(conditions);
    }

    static KnownKey of(long epoch, KeyRecord key, PolicyDocument policy, List<String> aliases) {
        Map<String, List<String>> conditions = new HashMap<>();
        conditions.put("kms:KeySpec", List.of("SYMMETRIC_DEFAULT"));
        conditions.put("kms:CustomerMasterKeySpec", List.of("SYMMETRIC_DEFAULT"));
        conditions.put("kms:KeyUsage", List.of("ENCRYPT_DECRYPT"));
        conditions.put("kms:CustomerMasterKeyUsage", List.of("ENCRYPT_DECRYPT"));
        conditions.put("kms:KeyOrigin", List.of("AWS_KMS"));
        conditions.put("kms:MultiRegion", List.of("false"));
        conditions.put("aws:ResourceAccount", List.of(key.accountId()));
        if (!aliases.isEmpty()) {
            conditions.put("kms:ResourceAliases", List.copyOf(aliases));
        }
        key.tags().forEach((tag, value) -> conditions.put("aws:ResourceTag/" + tag, List.of(value)));
        return new KnownKey(epoch, key, policy, aliases, conditions);
    }
}

package dev.sallyport.kms.service;

import java.time.Instant;

/**
 * An alias of a key.
 *
 * @param name with its {@code alias/}
 * @param targetKeyId id of the key, of the same account and region
 */
record AliasRecord(
        String accountId,
        String region,
        String name,
        String targetKeyId,
        Instant creationDate,
        Instant lastUpdatedDate) {
    String arn() {
        return arn(accountId, region, name);
    }

    static String arn(String accountId, String region, String name) {
        return "arn:aws:kms:" + region + ":" + accountId + ":" + name;
    }
}

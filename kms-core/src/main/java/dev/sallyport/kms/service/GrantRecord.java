package dev.sallyport.kms.service;

import java.time.Instant;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A grant as its row holds it.
 *
 * @param grantId 64 hexadecimal digits
 * @param grantee who may use the key
 * @param retiring who may retire the grant besides; null for nobody
 * @param operations in the order of the API's model
 * @param constraint null for none
 * @param name null for none
 * @param issuingAccount the account in which the grant was made
 */
record GrantRecord(
        String accountId,
        String region,
        String keyId,
        String grantId,
        Holder grantee,
        @Nullable Holder retiring,
        Set<GrantOperation> operations,
        @Nullable GrantConstraint constraint,
        @Nullable String name,
        String issuingAccount,
        Instant creationDate) {

    /**
     * A principal whom a grant names.
     *
     * @param arn as the request gave it
     * @param id the unique id behind the ARN then, or the id of an account: what decides, so that whoever is made anew under
     *     an old name holds nothing
     */
    record Holder(String arn, String id) {}

    GrantRecord {
        operations = Collections.unmodifiableSet(EnumSet.copyOf(operations));
    }

    boolean allows(GrantOperation operation) {
        return operations.contains(operation);
    }

    List<String> operationNames() {
        return operations.stream().map(GrantOperation::wireName).toList();
    }

    /** Whether a grant of these operations and this constraint gives no more than this one does. */
    boolean covers(Set<GrantOperation> less, @Nullable GrantConstraint stricter) {
        return operations.containsAll(less)
                && (constraint == null || (stricter != null && stricter.isAtLeast(constraint)));
    }

    /** The ARN of the account in which the grant was made, as the API shows it. */
    String issuer() {
        return "arn:aws:iam::" + issuingAccount + ":root";
    }
}

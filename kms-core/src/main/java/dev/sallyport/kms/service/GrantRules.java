package dev.sallyport.kms.service;

import dev.sallyport.kms.EncryptionContext;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a request for a grant must be, beyond the lengths and patterns of the API's model. */
final class GrantRules {
    private static final int MAX_PAIRS = 8;
    private static final int MAX_VALUE = 384;

    private GrantRules() {}

    /** What the API has and this service has not is refused by its name. */
    static void requireSupported(GrantRequest.CreateGrant request) {
        refuse("GranteeServicePrincipal", request.granteeServicePrincipal());
        refuse("RetiringServicePrincipal", request.retiringServicePrincipal());
        refuse("SourceArn", request.sourceArn());
        if (request.operations().isEmpty()) {
            throw Checks.validation(
                    "1 validation error detected: Value '[]' at 'operations' failed to satisfy constraint:"
                            + " Member must have length greater than or equal to 1");
        }
    }

    static void refuse(String member, @Nullable String value) {
        if (value != null) {
            throw Checks.unsupported(member + " is not supported.");
        }
    }

    /**
     * The constraint of a request; null for none. A map without pairs is none, where the other has pairs or is empty too, since
     * clients send them so; alone it might mean that the context must be empty, and is refused.
     */
    static @Nullable GrantConstraint constraint(GrantRequest.CreateGrant request) {
        EncryptionContext equal = request.contextEquals();
        EncryptionContext subset = request.contextSubset();
        GrantConstraint exact =
                equal == null || equal.isEmpty() ? null : new GrantConstraint(GrantConstraint.Type.EQUALS, equal);
        GrantConstraint part =
                subset == null || subset.isEmpty() ? null : new GrantConstraint(GrantConstraint.Type.SUBSET, subset);
        if (exact != null && part != null) {
            throw Checks.validation("More than one constraint supplied");
        }
        if (exact != null) {
            return bounded(exact);
        }
        if (part != null) {
            return bounded(part);
        }
        if (equal != null && subset == null) {
            throw Checks.validation("EncryptionContextEquals must hold at least one pair");
        }
        return null;
    }

    private static GrantConstraint bounded(GrantConstraint constraint) {
        Map<String, String> pairs = constraint.context().pairs();
        if (pairs.size() > MAX_PAIRS) {
            throw Checks.validation(
                    "A grant constraint cannot have more than " + MAX_PAIRS + " encryption context pairs");
        }
        pairs.forEach((key, value) -> {
            if (key.length() > MAX_VALUE || value.length() > MAX_VALUE) {
                throw Checks.validation(
                        "A key or value in a grant constraint cannot be longer than " + MAX_VALUE + " characters");
            }
        });
        return constraint;
    }

    /** Whether the key has what the grant would allow. */
    static void check(KnownKey key, GrantRecord grant) {
        Set<GrantOperation> operations = grant.operations();
        if (operations.equals(Set.of(GrantOperation.CREATE_GRANT))) {
            throw Checks.validation("Grants must not contain only the CreateGrant operation.");
        }
        String spec = key.conditions().getOrDefault("kms:KeySpec", List.of("")).getFirst();
        String usage =
                key.conditions().getOrDefault("kms:KeyUsage", List.of("")).getFirst();
        List<String> unsupported = operations.stream()
                .filter(operation -> !operation.supportedBy(spec, usage))
                .map(GrantOperation::wireName)
                .toList();
        if (!unsupported.isEmpty()) {
            throw Checks.validation("Operations " + unsupported + " are not supported by "
                    + key.key().arn() + ", whose key usage is " + usage + " and whose key spec is " + spec);
        }
        if (grant.constraint() != null && !spec.equals("SYMMETRIC_DEFAULT")) {
            throw Checks.validation("Encryption context constraints are supported on symmetric encryption keys only,"
                    + " and the key spec of " + key.key().arn() + " is " + spec);
        }
    }
}

package dev.sallyport.kms.service;

import dev.sallyport.kms.EncryptionContext;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The grants of one key to one principal or account, arranged so that a question costs the same however many there are: by
 * the whole context that a grant asks for, or by the first pair of it. Immutable once built.
 */
final class HeldGrants {
    private final long epoch;
    private final int size;
    private final Set<GrantOperation> unconstrained = EnumSet.noneOf(GrantOperation.class);
    private final Map<List<String>, Set<GrantOperation>> byContext = new HashMap<>();
    private final Map<String, List<Subset>> byFirstPair = new HashMap<>();
    private final List<GrantRecord> creating = new ArrayList<>();

    private record Subset(List<String> pairs, Set<GrantOperation> operations) {}

    /** @param epoch the store's epoch of grants before these were read */
    HeldGrants(long epoch, List<GrantRecord> grants) {
        this.epoch = epoch;
        this.size = grants.size();
        Map<List<String>, Set<GrantOperation>> subsets = new HashMap<>();
        for (GrantRecord grant : grants) {
            GrantConstraint constraint = grant.constraint();
            Set<GrantOperation> constrained = EnumSet.noneOf(GrantOperation.class);
            for (GrantOperation operation : grant.operations()) {
                (constraint == null || !operation.takesContext() ? unconstrained : constrained).add(operation);
            }
            if (constraint != null) {
                (constraint.type() == GrantConstraint.Type.EQUALS ? byContext : subsets)
                        .computeIfAbsent(
                                GrantConstraint.folded(constraint.context()),
                                pairs -> EnumSet.noneOf(GrantOperation.class))
                        .addAll(constrained);
            }
            if (grant.allows(GrantOperation.CREATE_GRANT)) {
                creating.add(grant);
            }
        }
        subsets.forEach((pairs, operations) -> byFirstPair
                .computeIfAbsent(pairs.getFirst(), pair -> new ArrayList<>(1))
                .add(new Subset(pairs, operations)));
    }

    long epoch() {
        return epoch;
    }

    int size() {
        return size;
    }

    /** Whether one of them allows the operation with this context. */
    boolean allow(GrantOperation operation, EncryptionContext context) {
        if (unconstrained.contains(operation)) {
            return true;
        }
        if (!operation.takesContext() || context.isEmpty()) {
            return false;
        }
        List<String> pairs = GrantConstraint.folded(context);
        Set<GrantOperation> exactly = byContext.get(pairs);
        if (exactly != null && exactly.contains(operation)) {
            return true;
        }
        for (String pair : pairs) {
            for (Subset subset : byFirstPair.getOrDefault(pair, List.of())) {
                if (subset.operations.contains(operation) && pairs.containsAll(subset.pairs)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Whether one of them allows to make a grant, of these operations and with this constraint. */
    boolean allowGrant(Set<GrantOperation> operations, @Nullable GrantConstraint constraint) {
        for (GrantRecord grant : creating) {
            if (grant.covers(operations, constraint)) {
                return true;
            }
        }
        return false;
    }
}

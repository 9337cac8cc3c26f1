package dev.sallyport.kms.service;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sallyport.kms.Caller;
import dev.sallyport.kms.store.KeyStore;

/**
 * Grants by key and holder, without SQL on the hot path. Every entry carries the store's epoch of grants from before it was
 * read; a later epoch makes it stale, so that a grant that was made, retired or revoked is so for the first request after its
 * commit.
 */
final class GrantDirectory {
    /** Of all entries together: each counts its grants and one. */
    private static final long MAX_GRANTS = 200_000;

    private final KeyStore store;
    private final Cache<String, HeldGrants> held = Caffeine.newBuilder()
            .maximumWeight(MAX_GRANTS)
            .weigher((String id, HeldGrants grants) -> 1 + grants.size())
            .build();

    GrantDirectory(KeyStore store) {
        this.store = store;
    }

    /**
     * Whether a grant allows the caller the action.
     *
     * @param delegated whether the caller's own policies allow it, for grants to the caller's account
     */
    boolean allow(Caller caller, KeyRecord key, String action, Conditions conditions, boolean delegated) {
        GrantOperation operation = GrantOperation.ofAction(action);
        if (operation == null || operation == GrantOperation.RETIRE_GRANT) {
            // a grant is retired by its own means
            return false;
        }
        if (allow(of(key, caller.principalId()), operation, conditions)) {
            return true;
        }
        return delegated && allow(of(key, caller.accountId()), operation, conditions);
    }

    private static boolean allow(HeldGrants grants, GrantOperation operation, Conditions conditions) {
        if (operation != GrantOperation.CREATE_GRANT) {
            return grants.allow(operation, conditions.context());
        }
        GrantRecord proposed = conditions.proposedGrant();
        return proposed != null && grants.allowGrant(proposed.operations(), proposed.constraint());
    }

    private HeldGrants of(KeyRecord key, String holderId) {
        String id = GrantRows.scope(key) + holderId;
        HeldGrants known = held.getIfPresent(id);
        long epoch = store.epoch(GrantRows.GRANT);
        if (known != null && known.epoch() == epoch) {
            return known;
        }
        HeldGrants fresh = new HeldGrants(
                epoch, store.read(rows -> GrantRows.grantsTo(rows, key, holderId, null, GrantRows.MAX_PER_KEY)));
        held.put(id, fresh);
        return fresh;
    }
}

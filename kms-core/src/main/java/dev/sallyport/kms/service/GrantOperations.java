package dev.sallyport.kms.service;

import dev.sallyport.kms.Caller;
import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.KmsException.Code;
import dev.sallyport.kms.crypto.RandomBytes;
import dev.sallyport.kms.store.KeyStore;
import dev.sallyport.kms.store.RowReader;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** CreateGrant, RetireGrant and RevokeGrant; hands listings on. */
final class GrantOperations {
    private static final Pattern GRANT_ID = Pattern.compile("[0-9a-f]{64}");
    private static final int ID_BYTES = 32;

    private final KeyStore store;
    private final KeyAccess access;
    private final GrantTokens tokens;
    private final GrantHolders holders;
    private final GrantListings listings;
    private final InstantSource clock;

    GrantOperations(
            KeyStore store,
            KeyAccess access,
            GrantTokens tokens,
            GrantHolders holders,
            Markers markers,
            InstantSource clock) {
        this.store = store;
        this.access = access;
        this.tokens = tokens;
        this.holders = holders;
        this.listings = new GrantListings(store, access, holders, markers);
        this.clock = clock;
    }

    KmsResponse call(Call call, GrantRequest request) {
        return switch (request) {
            case GrantRequest.CreateGrant r -> createGrant(call, r);
            case GrantRequest.ListGrants r -> listings.listGrants(call, r);
            case GrantRequest.ListRetirableGrants r -> listings.listRetirableGrants(call, r);
            case GrantRequest.RetireGrant r -> retireGrant(call, r);
            case GrantRequest.RevokeGrant r -> revokeGrant(call, r);
        };
    }

    private KmsResponse.CreateGrant createGrant(Call call, GrantRequest.CreateGrant request) {
        note(call, request);
        GrantRules.requireSupported(request);
        Conditions forUnknown = Conditions.none();
        KnownKey key = access.resolve(call, request.keyId(), false, "kms:CreateGrant", forUnknown);
        GrantRecord proposed = proposed(call, key.key(), request, false);
        access.authorize(call, key, "kms:CreateGrant", isForResource(call, Conditions.ofProposed(proposed)));
        GrantRules.check(key, proposed);
        call.operation().requireState(key.key());
        // who they are is told to whoever may grant, and to nobody else
        GrantRecord grant = proposed(call, key.key(), request, true);
        if (request.dryRun()) {
            store.read(rows -> requireRoom(rows, key.key()));
            throw CryptoOperations.dryRun();
        }
        String grantId = store.write(rows -> {
            KeyRecord now = requireKey(rows, key.key());
            call.operation().requireState(now);
            Optional<String> same = grant.name() == null ? Optional.empty() : GrantRows.sameGrant(rows, grant);
            if (same.isPresent()) {
                return same.get();
            }
            requireRoom(rows, now);
            GrantRows.put(rows, grant);
            return grant.grantId();
        });
        call.responded("grantId", grantId);
        call.responded("keyId", key.key().arn());
        return new KmsResponse.CreateGrant(tokens.make(grant, grantId), grantId);
    }

    private KmsResponse.Empty retireGrant(Call call, GrantRequest.RetireGrant request) {
        call.parameter("keyId", request.keyId()).parameter("grantId", request.grantId());
        String keyId = request.keyId();
        String grantId = request.grantId();
        String token = request.grantToken();
        if (token != null && (keyId != null || grantId != null)) {
            throw Checks.validation("Specify either a grant token, or a key ID and a grant ID, but not both.");
        }
        if (token != null) {
            GrantTokens.Name name = tokens.read(call.region(), token);
            if (!name.accountId().equals(call.accountId())) {
                throw KeyAccess.notOurs(call, "kms:RetireGrant", "the grant of this token");
            }
            keyId = name.keyId();
            grantId = name.grantId();
            call.parameter("keyId", keyId).parameter("grantId", grantId);
        }
        if (keyId == null || grantId == null) {
            throw Checks.validation("Specify either a grant token, or both a key ID and a grant ID.");
        }
        String wanted = requireGrantId(grantId);
        KnownKey key = access.resolve(call, keyId, false, "kms:RetireGrant", Conditions.none());
        Optional<GrantRecord> found = store.read(rows -> GrantRows.grant(rows, key.key(), wanted));
        Conditions conditions = found.map(Conditions::ofGrant).orElseGet(Conditions::none);
        access.authorizeRetirement(
                call,
                key,
                conditions,
                (asked, delegated) -> found.map(grant -> retires(call.context().caller(), grant, delegated))
                        .orElse(delegated));
        remove(call, key, wanted, request.dryRun());
        return new KmsResponse.Empty();
    }

    /**
     * The retiring principal, the grantee when the grant says so, and the account that made the grant; where one of them is an
     * account, whoever has its permission.
     */
    private static boolean retires(Caller caller, GrantRecord grant, boolean delegated) {
        GrantRecord.Holder retiring = grant.retiring();
        boolean grantee = grant.allows(GrantOperation.RETIRE_GRANT);
        String id = caller.principalId();
        if ((retiring != null && retiring.id().equals(id))
                || (grantee && grant.grantee().id().equals(id))
                || grant.issuingAccount().equals(id)) {
            return true;
        }
        String account = caller.accountId();
        return delegated
                && (grant.issuingAccount().equals(account)
                        || (retiring != null && retiring.id().equals(account))
                        || (grantee && grant.grantee().id().equals(account)));
    }

    private KmsResponse.Empty revokeGrant(Call call, GrantRequest.RevokeGrant request) {
        call.parameter("keyId", request.keyId()).parameter("grantId", request.grantId());
        String grantId = requireGrantId(request.grantId());
        KnownKey key = access.key(call, request.keyId(), isForResource(call, Conditions.none()));
        remove(call, key, grantId, request.dryRun());
        return new KmsResponse.Empty();
    }

    private void remove(Call call, KnownKey key, String grantId, boolean dryRun) {
        if (dryRun) {
            store.read(rows -> requireGrant(rows, key.key(), grantId));
            throw CryptoOperations.dryRun();
        }
        store.write(rows -> {
            GrantRecord grant = requireGrant(rows, key.key(), grantId);
            GrantRows.delete(rows, grant);
            return grant;
        });
        call.responded("keyId", key.key().arn());
    }

    /** @param resolved whether the principals must exist; before that they are what the request names */
    private GrantRecord proposed(Call call, KeyRecord key, GrantRequest.CreateGrant request, boolean resolved) {
        String grantee = request.granteePrincipal();
        if (grantee == null) {
            throw Checks.validation("1 validation error detected: Value null at 'granteePrincipal' failed to satisfy"
                    + " constraint: Member must not be null");
        }
        String retiring = request.retiringPrincipal();
        Set<GrantOperation> operations = EnumSet.noneOf(GrantOperation.class);
        for (String each : request.operations()) {
            GrantOperation operation = GrantOperation.of(each);
            if (operation == null) {
                throw new IllegalStateException("validation let pass an operation that no grant has");
            }
            operations.add(operation);
        }
        return new GrantRecord(
                key.accountId(),
                key.region(),
                key.keyId(),
                HexFormat.of().formatHex(RandomBytes.of(ID_BYTES)),
                resolved ? holders.require(call, grantee) : new GrantRecord.Holder(grantee, ""),
                retiring == null
                        ? null
                        : resolved ? holders.require(call, retiring) : new GrantRecord.Holder(retiring, ""),
                operations,
                GrantRules.constraint(request),
                request.name(),
                call.accountId(),
                Times.now(clock));
    }

    static Conditions isForResource(Call call, Conditions conditions) {
        return conditions.with(
                "kms:GrantIsForAWSResource", String.valueOf(call.context().viaService() != null));
    }

    private static KeyRecord requireKey(RowReader rows, KeyRecord seen) {
        return KeyRows.key(rows, seen.accountId(), seen.region(), seen.keyId())
                .orElseThrow(() -> KeyName.notFound("Key '" + seen.arn() + "' does not exist"));
    }

    private static KeyRecord requireRoom(RowReader rows, KeyRecord key) {
        if (GrantRows.count(rows, key) >= GrantRows.MAX_PER_KEY) {
            throw new KmsException(
                    Code.LIMIT_EXCEEDED,
                    "The key " + key.arn() + " has " + GrantRows.MAX_PER_KEY + " grants, as many as a key may have.");
        }
        return key;
    }

    private static GrantRecord requireGrant(RowReader rows, KeyRecord key, String grantId) {
        return GrantRows.grant(rows, key, grantId)
                .orElseThrow(() -> KeyName.notFound("Grant ID " + grantId + " not found"));
    }

    static String requireGrantId(String grantId) {
        if (!GRANT_ID.matcher(grantId).matches()) {
            throw new KmsException(Code.INVALID_GRANT_ID, "Invalid grant ID: " + grantId);
        }
        return grantId;
    }

    private static void note(Call call, GrantRequest.CreateGrant request) {
        EncryptionContext equal = request.contextEquals();
        EncryptionContext subset = request.contextSubset();
        Map<String, Object> constraints = new java.util.TreeMap<>();
        if (equal != null) {
            constraints.put("encryptionContextEquals", equal.pairs());
        }
        if (subset != null) {
            constraints.put("encryptionContextSubset", subset.pairs());
        }
        if (request.sourceArn() != null) {
            constraints.put("sourceArn", request.sourceArn());
        }
        call.parameter("keyId", request.keyId())
                .parameter("granteePrincipal", request.granteePrincipal())
                .parameter("retiringPrincipal", request.retiringPrincipal())
                .parameter("operations", List.copyOf(request.operations()))
                .parameter("constraints", constraints.isEmpty() ? null : constraints)
                .parameter("name", request.name());
    }
}

package dev.sallyport.kms.service;

import dev.sallyport.kms.service.KmsResponse.ListGrants.GrantListEntry;
import dev.sallyport.kms.store.KeyStore;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** ListGrants and ListRetirableGrants. */
final class GrantListings {
    private static final int DEFAULT_LIMIT = 50;
    private static final int MAX_LIMIT = 100;

    private final KeyStore store;
    private final KeyAccess access;
    private final GrantHolders holders;
    private final Markers markers;

    GrantListings(KeyStore store, KeyAccess access, GrantHolders holders, Markers markers) {
        this.store = store;
        this.access = access;
        this.holders = holders;
        this.markers = markers;
    }

    KmsResponse.ListGrants listGrants(Call call, GrantRequest.ListGrants request) {
        String grantee = request.granteePrincipal();
        String grantId = request.grantId();
        call.parameter("keyId", request.keyId())
                .parameter("grantId", grantId)
                .parameter("granteePrincipal", grantee)
                .parameter("limit", request.limit());
        GrantRules.refuse("GranteeServicePrincipal", request.granteeServicePrincipal());
        if (grantId != null) {
            GrantOperations.requireGrantId(grantId);
        }
        KeyRecord key = access.key(call, request.keyId(), GrantOperations.isForResource(call, Conditions.none()))
                .key();
        int limit = Checks.limit(request.limit(), DEFAULT_LIMIT, MAX_LIMIT);
        String subject = key.keyId() + "/" + (grantId == null ? "" : grantId) + "/" + (grantee == null ? "" : grantee);
        String after = markers.read(call, subject, request.marker());
        Optional<GrantRecord.Holder> holder = grantee == null ? Optional.empty() : holders.find(call, grantee);
        if (grantee != null && holder.isEmpty()) {
            return new KmsResponse.ListGrants(List.of(), null);
        }
        List<GrantRecord> found = store.read(rows -> {
            if (grantId != null) {
                return GrantRows.grant(rows, key, grantId).stream()
                        .filter(grant -> holder.isEmpty()
                                || grant.grantee().id().equals(holder.get().id()))
                        .filter(grant -> after == null || grant.grantId().compareTo(after) > 0)
                        .toList();
            }
            return holder.isPresent()
                    ? GrantRows.grantsTo(rows, key, holder.get().id(), after, limit + 1)
                    : GrantRows.grants(rows, key, after, limit + 1);
        });
        return page(call, subject, found, limit, last -> last.grantId());
    }

    KmsResponse.ListGrants listRetirableGrants(Call call, GrantRequest.ListRetirableGrants request) {
        String arn = request.retiringPrincipal();
        call.parameter("retiringPrincipal", arn).parameter("limit", request.limit());
        GrantRules.refuse("RetiringServicePrincipal", request.retiringServicePrincipal());
        if (arn == null) {
            throw Checks.validation("1 validation error detected: Value null at 'retiringPrincipal' failed to satisfy"
                    + " constraint: Member must not be null");
        }
        // as AWS documents it, what is acted on is the principal
        access.authorizeResource(call, "kms:ListRetirableGrants", arn, Conditions.none());
        int limit = Checks.limit(request.limit(), DEFAULT_LIMIT, MAX_LIMIT);
        String after = markers.read(call, arn, request.marker());
        Optional<GrantRecord.Holder> holder = holders.find(call, arn);
        if (holder.isEmpty()) {
            return new KmsResponse.ListGrants(List.of(), null);
        }
        List<GrantRecord> found = store.read(rows -> GrantRows.retirable(
                rows, call.accountId(), call.region(), holder.get().id(), after, limit + 1));
        return page(call, arn, found, limit, last -> last.keyId() + "/" + last.grantId());
    }

    private KmsResponse.ListGrants page(
            Call call, String subject, List<GrantRecord> found, int limit, Function<GrantRecord, String> position) {
        List<GrantRecord> page = found.subList(0, Math.min(limit, found.size()));
        return new KmsResponse.ListGrants(
                page.stream().map(this::entry).toList(),
                found.size() > limit ? markers.make(call, subject, position.apply(page.getLast())) : null);
    }

    private GrantListEntry entry(GrantRecord grant) {
        GrantRecord.Holder retiring = grant.retiring();
        return new GrantListEntry(
                "arn:aws:kms:" + grant.region() + ":" + grant.accountId() + ":key/" + grant.keyId(),
                grant.grantId(),
                grant.name(),
                grant.creationDate(),
                holders.shown(grant.grantee()),
                retiring == null ? null : holders.shown(retiring),
                grant.issuer(),
                grant.operationNames(),
                grant.constraint());
    }
}

package dev.sallyport.kms.principal;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sallyport.kms.Caller;
import dev.sallyport.kms.access.IdentityPolicies;
import dev.sallyport.kms.access.MalformedPolicyException;
import dev.sallyport.kms.access.PolicyDocument;
import dev.sallyport.kms.access.PolicyKind;
import dev.sallyport.kms.principal.PrincipalRows.Principal;
import dev.sallyport.kms.store.KeyStore;
import dev.sallyport.kms.store.Row;
import dev.sallyport.kms.store.RowReader;
import dev.sallyport.kms.store.StoreException;
import dev.sallyport.kms.store.StoreException.Reason;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Principals on the hot path: access keys by id, policies by caller, both from memory. A committed change of any of their rows
 * outdates what is cached before its writer learns of it, so that a disabled key stops at once. Thread-safe.
 */
public final class Principals implements IdentityPolicies {
    private static final Pattern ACCESS_KEY_ID = Pattern.compile("[A-Z0-9]{16,32}");
    private static final Pattern USER_ARN = Pattern.compile("arn:aws:iam::([0-9]{12}):user/([\\w+=,.@-]{1,64})");
    private static final int MAX_CACHED = 10_000;

    private final KeyStore store;
    private final Cache<String, Cached<Optional<AccessKey>>> keys =
            Caffeine.newBuilder().maximumSize(MAX_CACHED).build();
    private final Cache<String, Cached<List<PolicyDocument>>> policies =
            Caffeine.newBuilder().maximumSize(MAX_CACHED).build();

    private final Cache<String, Cached<Optional<String>>> ids =
            Caffeine.newBuilder().maximumSize(MAX_CACHED).build();

    private record Cached<T>(long epoch, T value) {}

    public Principals(KeyStore store) {
        this.store = store;
    }

    /**
     * The access key of that id, usable or not: see {@link AccessKey#isUsable}. Empty for an unknown one.
     *
     * @throws StoreException when the key store cannot be read
     */
    public Optional<AccessKey> byAccessKeyId(String id) {
        if (!ACCESS_KEY_ID.matcher(id).matches()) {
            return Optional.empty();
        }
        long epoch = Math.max(store.epoch(PrincipalRows.ACCESS_KEY), store.epoch(PrincipalRows.PRINCIPAL));
        Cached<Optional<AccessKey>> cached = keys.getIfPresent(id);
        if (cached == null || cached.epoch() != epoch) {
            cached = new Cached<>(epoch, store.read(reader -> load(reader, id)));
            keys.put(id, cached);
        }
        return cached.value();
    }

    private static Optional<AccessKey> load(RowReader reader, String id) {
        Optional<Row> row = reader.get(PrincipalRows.ACCESS_KEY, id);
        if (row.isEmpty()) {
            return Optional.empty();
        }
        return reader.get(PrincipalRows.PRINCIPAL, PrincipalRows.owner(row.get()))
                .map(PrincipalRows::principal)
                .map(principal -> accessKey(row.get(), principal));
    }

    private static AccessKey accessKey(Row row, Principal principal) {
        AccessKeyInfo info = PrincipalRows.accessKey(row);
        Caller caller = new Caller(
                principal.arn(),
                principal.account(),
                principal.principalId(),
                principal.name(),
                info.id(),
                info.session());
        return new AccessKey(info, caller, principal.enabled(), PrincipalRows.secret(row));
    }

    /** {@inheritDoc} A user that was removed and made again under the same name is another one: it has another id. */
    @Override
    public List<PolicyDocument> of(Caller caller) {
        String key = caller.accountId() + "/" + caller.userName();
        long epoch = Math.max(store.epoch(PrincipalRows.POLICY), store.epoch(PrincipalRows.PRINCIPAL));
        String cacheKey = key + "/" + caller.principalId();
        Cached<List<PolicyDocument>> cached = policies.getIfPresent(cacheKey);
        if (cached == null || cached.epoch() != epoch) {
            List<Row> rows = store.read(reader -> policyRows(reader, key, caller.principalId()));
            cached = new Cached<>(epoch, rows.stream().map(Principals::parse).toList());
            policies.put(cacheKey, cached);
        }
        return cached.value();
    }

    @Override
    public Optional<String> principalId(String arn) {
        Matcher user = USER_ARN.matcher(arn);
        if (!user.matches()) {
            return Optional.empty();
        }
        String key = user.group(1) + "/" + user.group(2);
        long epoch = store.epoch(PrincipalRows.PRINCIPAL);
        Cached<Optional<String>> cached = ids.getIfPresent(key);
        if (cached == null || cached.epoch() != epoch) {
            cached = new Cached<>(
                    epoch,
                    store.read(reader -> reader.get(PrincipalRows.PRINCIPAL, key)
                            .map(row -> PrincipalRows.principal(row).principalId())));
            ids.put(key, cached);
        }
        return cached.value();
    }

    private static List<Row> policyRows(RowReader reader, String key, @Nullable String principalId) {
        boolean known = reader.get(PrincipalRows.PRINCIPAL, key)
                .map(PrincipalRows::principal)
                .filter(principal -> principal.principalId().equals(principalId))
                .isPresent();
        return known ? reader.scan(PrincipalRows.POLICY, key + "/", null, PrincipalAdmin.MAX_POLICIES) : List.of();
    }

    private static PolicyDocument parse(Row row) {
        try {
            return PolicyDocument.parse(new String(row.payload(), StandardCharsets.UTF_8), PolicyKind.IDENTITY);
        } catch (MalformedPolicyException e) {
            // fails closed: an unreadable document may have been a denial
            throw new StoreException(
                    Reason.CORRUPT, "policy '" + row.id() + "' is not one that this version reads: " + e.getMessage());
        }
    }
}

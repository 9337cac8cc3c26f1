package dev.sallyport.kms.service;

import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.crypto.Digests;
import dev.sallyport.kms.store.Row;
import dev.sallyport.kms.store.RowReader;
import dev.sallyport.kms.store.RowWriter;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where grants lie in the key store: the grant itself, found by its key and by its grantee, with a row each that finds it by
 * its retiring principal and by its name, and one that counts the grants of a key. Specified in {@code docs/service.md}.
 */
final class GrantRows {
    static final String GRANT = "grant";
    static final String RETIRING = "grant-retiring";
    static final String NAME = "grant-name";
    static final String COUNT = "grant-count";

    /** As AWS limits it. */
    static final int MAX_PER_KEY = 50_000;

    private GrantRows() {}

    /** {@code account/region/key id/}, with which the ids of a key's grants begin. */
    static String scope(String accountId, String region, String keyId) {
        return KeyRows.scope(accountId, region) + keyId + "/";
    }

    static String scope(KeyRecord key) {
        return scope(key.accountId(), key.region(), key.keyId());
    }

    private static String scope(GrantRecord grant) {
        return scope(grant.accountId(), grant.region(), grant.keyId());
    }

    static Optional<GrantRecord> grant(RowReader rows, KeyRecord key, String grantId) {
        return rows.get(GRANT, scope(key) + grantId).map(GrantRows::grant);
    }

    static GrantRecord grant(Row row) {
        String[] id = row.id().split("/", 4);
        return GrantJson.grant(id[0], id[1], id[2], id[3], row.payload());
    }

    /** Grants of a key in the order of their ids. */
    static List<GrantRecord> grants(RowReader rows, KeyRecord key, @Nullable String afterGrantId, int limit) {
        String scope = scope(key);
        return rows.scan(GRANT, scope, afterGrantId == null ? null : scope + afterGrantId, limit).stream()
                .map(GrantRows::grant)
                .toList();
    }

    /** Grants of a key to one principal or account, by its id, in the order of their own ids. */
    static List<GrantRecord> grantsTo(
            RowReader rows, KeyRecord key, String holderId, @Nullable String afterGrantId, int limit) {
        String scope = scope(key);
        return rows
                .withIndex(GRANT, scope + holderId, afterGrantId == null ? null : scope + afterGrantId, limit)
                .stream()
                .map(GrantRows::grant)
                .toList();
    }

    /**
     * Grants of an account and region that a principal may retire, by its id, in the order of key and grant.
     *
     * @param after {@code key id/grant id}; null from the start
     */
    static List<GrantRecord> retirable(
            RowReader rows, String accountId, String region, String holderId, @Nullable String after, int limit) {
        String scope = scope(accountId, region, holderId);
        return rows.scan(RETIRING, scope, after == null ? null : scope + after, limit).stream()
                .map(row -> rows.get(
                                GRANT,
                                KeyRows.scope(accountId, region) + row.id().substring(scope.length()))
                        .map(GrantRows::grant)
                        .orElseThrow(() -> new IllegalStateException("a grant is missing that may be retired")))
                .toList();
    }

    /** The grant of the same name and content. */
    static Optional<String> sameGrant(RowReader rows, GrantRecord grant) {
        return rows.get(NAME, nameId(grant)).map(row -> new String(row.payload(), StandardCharsets.US_ASCII));
    }

    static int count(RowReader rows, KeyRecord key) {
        return count(rows, scope(key));
    }

    private static int count(RowReader rows, String scope) {
        return rows.get(COUNT, scope)
                .map(row -> Integer.parseInt(new String(row.payload(), StandardCharsets.US_ASCII)))
                .orElse(0);
    }

    /** Puts a new grant. */
    static void put(RowWriter rows, GrantRecord grant) {
        String scope = scope(grant);
        rows.put(new Row(GRANT, scope + grant.grantId(), scope + grant.grantee().id(), GrantJson.write(grant)));
        if (grant.retiring() != null) {
            rows.put(new Row(RETIRING, retiringId(grant), null, new byte[0]));
        }
        if (grant.name() != null) {
            rows.put(new Row(NAME, nameId(grant), null, ascii(grant.grantId())));
        }
        putCount(rows, scope, count(rows, scope) + 1);
    }

    /** Removes a grant that exists. */
    static void delete(RowWriter rows, GrantRecord grant) {
        String scope = scope(grant);
        deleteAlone(rows, grant);
        putCount(rows, scope, count(rows, scope) - 1);
    }

    /** Removes every grant of a key. */
    static void deleteAll(RowWriter rows, KeyRecord key) {
        grants(rows, key, null, MAX_PER_KEY).forEach(grant -> deleteAlone(rows, grant));
        rows.delete(COUNT, scope(key));
    }

    private static void deleteAlone(RowWriter rows, GrantRecord grant) {
        rows.delete(GRANT, scope(grant) + grant.grantId());
        if (grant.retiring() != null) {
            rows.delete(RETIRING, retiringId(grant));
        }
        if (grant.name() != null) {
            rows.delete(NAME, nameId(grant));
        }
    }

    private static void putCount(RowWriter rows, String scope, int count) {
        rows.put(new Row(COUNT, scope, null, ascii(Integer.toString(count))));
    }

    private static String retiringId(GrantRecord grant) {
        GrantRecord.Holder retiring = grant.retiring();
        if (retiring == null) {
            throw new IllegalArgumentException("a grant that has no retiring principal");
        }
        return scope(grant.accountId(), grant.region(), retiring.id()) + grant.keyId() + "/" + grant.grantId();
    }

    /** The same for grants of a key that are the same in all that the request says. */
    private static String nameId(GrantRecord grant) {
        byte[] content = GrantJson.content(grant);
        GrantConstraint constraint = grant.constraint();
        byte[] context = (constraint == null ? EncryptionContext.EMPTY : constraint.context()).canonicalBytes();
        return scope(grant) + HexFormat.of().formatHex(Digests.sha256(context, content));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}

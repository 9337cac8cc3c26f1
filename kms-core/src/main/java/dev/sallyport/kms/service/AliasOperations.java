package dev.sallyport.kms.service;

import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.KmsException.Code;
import dev.sallyport.kms.store.KeyStore;
import dev.sallyport.kms.store.RowReader;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** CreateAlias, UpdateAlias, DeleteAlias and ListAliases. An alias needs permission on itself and on its key. */
final class AliasOperations {
    private static final String PREFIX = "alias/";
    private static final int DEFAULT_LIMIT = 50;
    private static final int MAX_LIMIT = 100;

    private final KeyStore store;
    private final KeyAccess access;
    private final KeyDirectory directory;
    private final Markers markers;
    private final InstantSource clock;

    AliasOperations(KeyStore store, KeyAccess access, KeyDirectory directory, Markers markers, InstantSource clock) {
        this.store = store;
        this.access = access;
        this.directory = directory;
        this.markers = markers;
        this.clock = clock;
    }

    KmsResponse.Empty createAlias(Call call, KmsRequest.CreateAlias request) {
        String name = request.aliasName();
        call.parameter("aliasName", name).parameter("targetKeyId", request.targetKeyId());
        requireName(name);
        if (name.equals(PREFIX)) {
            throw new KmsException(Code.INVALID_ALIAS_NAME, "Alias must not be empty.");
        }
        if (name.indexOf(':') >= 0) {
            throw Checks.validation(name + " contains invalid characters for an alias");
        }
        access.authorizeResource(call, "kms:CreateAlias", arn(call, name), Conditions.none());
        KnownKey target = target(call, request.targetKeyId());
        Instant now = Times.now(clock);
        store.write(rows -> {
            requireTarget(call, rows, target);
            if (KeyRows.alias(rows, call.accountId(), call.region(), name).isPresent()) {
                throw new KmsException(
                        Code.ALREADY_EXISTS, "An alias with the name " + arn(call, name) + " already exists");
            }
            AliasRecord alias = new AliasRecord(
                    call.accountId(), call.region(), name, target.key().keyId(), now, now);
            KeyRows.put(rows, alias);
            return alias;
        });
        call.responded("keyId", target.key().arn());
        return new KmsResponse.Empty();
    }

    KmsResponse.Empty updateAlias(Call call, KmsRequest.UpdateAlias request) {
        String name = request.aliasName();
        call.parameter("aliasName", name).parameter("targetKeyId", request.targetKeyId());
        requireName(name);
        access.authorizeResource(call, "kms:UpdateAlias", arn(call, name), Conditions.none());
        KnownKey target = target(call, request.targetKeyId());
        authorizeCurrentTarget(call, name);
        Instant now = Times.now(clock);
        store.write(rows -> {
            requireTarget(call, rows, target);
            AliasRecord alias = require(call, rows, name);
            KeyRows.put(
                    rows,
                    new AliasRecord(
                            alias.accountId(),
                            alias.region(),
                            name,
                            target.key().keyId(),
                            alias.creationDate(),
                            now));
            return alias;
        });
        call.responded("keyId", target.key().arn());
        return new KmsResponse.Empty();
    }

    KmsResponse.Empty deleteAlias(Call call, KmsRequest.DeleteAlias request) {
        String name = request.aliasName();
        call.parameter("aliasName", name);
        requireName(name);
        access.authorizeResource(call, "kms:DeleteAlias", arn(call, name), Conditions.none());
        authorizeCurrentTarget(call, name);
        store.write(rows -> KeyRows.delete(rows, require(call, rows, name)));
        return new KmsResponse.Empty();
    }

    KmsResponse.ListAliases listAliases(Call call, KmsRequest.ListAliases request) {
        call.parameter("keyId", request.keyId()).parameter("limit", request.limit());
        access.authorizeResource(call, "kms:ListAliases", "*", Conditions.none());
        int limit = Checks.limit(request.limit(), DEFAULT_LIMIT, MAX_LIMIT);
        String keyId = existingKey(call, request.keyId());
        String subject = keyId == null ? "" : keyId;
        String after = markers.read(call, subject, request.marker());
        List<AliasRecord> found = store.read(rows -> keyId == null
                ? KeyRows.aliases(rows, call.accountId(), call.region(), after, limit + 1)
                : KeyRows.aliasesOf(rows, call.accountId(), call.region(), keyId).stream()
                        .filter(alias -> after == null || alias.name().compareTo(after) > 0)
                        .limit(limit + 1L)
                        .toList());
        List<AliasRecord> page = found.subList(0, Math.min(limit, found.size()));
        return new KmsResponse.ListAliases(
                page.stream()
                        .map(alias -> new KmsResponse.ListAliases.AliasListEntry(
                                alias.name(),
                                alias.arn(),
                                alias.targetKeyId(),
                                alias.creationDate(),
                                alias.lastUpdatedDate()))
                        .toList(),
                found.size() > limit
                        ? markers.make(call, subject, page.getLast().name())
                        : null);
    }

    /** ListAliases asks for no permission on the key, but the key must exist. */
    private @Nullable String existingKey(Call call, @Nullable String given) {
        if (given == null) {
            return null;
        }
        KeyName name = KeyName.parse(given, call.accountId(), call.region(), false);
        if (!(name instanceof KeyName.Id id) || !id.accountId().equals(call.accountId())) {
            throw KeyAccess.notOurs(call, "kms:ListAliases", "resource: " + given);
        }
        KnownKey key = directory
                .key(id.accountId(), call.region(), id.keyId())
                .orElseThrow(() -> KeyName.notFound("Key 'arn:aws:kms:" + call.region() + ":" + id.accountId() + ":key/"
                        + id.keyId() + "' does not exist"));
        call.touched(key.key().arn());
        return key.key().keyId();
    }

    private KnownKey target(Call call, String targetKeyId) {
        if (targetKeyId.startsWith(PREFIX) || targetKeyId.contains(":" + PREFIX)) {
            throw Checks.validation("Aliases must refer to keys. Not aliases");
        }
        KnownKey target = access.key(call, targetKeyId, Conditions.none());
        call.operation().requireState(target.key());
        return target;
    }

    /** The key that the alias names so far, if any: moving or deleting an alias needs permission there too. */
    private void authorizeCurrentTarget(Call call, String name) {
        directory
                .aliasTarget(call.accountId(), call.region(), name)
                .flatMap(keyId -> directory.key(call.accountId(), call.region(), keyId))
                .ifPresent(key -> access.authorize(call, key, call.operation().action(), Conditions.none()));
    }

    private static void requireTarget(Call call, RowReader rows, KnownKey target) {
        KeyRecord seen = target.key();
        KeyRecord now = KeyRows.key(rows, seen.accountId(), seen.region(), seen.keyId())
                .orElseThrow(() -> KeyName.notFound("Key '" + seen.arn() + "' does not exist"));
        call.operation().requireState(now);
    }

    private static AliasRecord require(Call call, RowReader rows, String name) {
        return KeyRows.alias(rows, call.accountId(), call.region(), name)
                .orElseThrow(() -> KeyName.notFound("Alias " + arn(call, name) + " is not found."));
    }

    private static void requireName(String name) {
        if (!name.startsWith(PREFIX)) {
            throw Checks.validation("Alias must start with the prefix \"alias/\". Please see"
                    + " https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html");
        }
        if (name.startsWith("alias/aws/")) {
            throw new KmsException(Code.NOT_AUTHORIZED, "");
        }
    }

    private static String arn(Call call, String name) {
        return AliasRecord.arn(call.accountId(), call.region(), name);
    }
}

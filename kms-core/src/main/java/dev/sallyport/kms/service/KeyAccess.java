package dev.sallyport.kms.service;

import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.KmsException.Code;
import dev.sallyport.kms.access.AccessDecision;
import dev.sallyport.kms.access.AccessEvaluator;
import dev.sallyport.kms.access.AccessRequest;
import dev.sallyport.kms.access.Grants;
import java.util.Optional;

/**
 * From the name of a key in a request to a key that the caller may use: resolves, then authorises. The state of the key is
 * the operation's affair. An unknown key is only admitted to be unknown toward callers whose own policies allow the action.
 */
final class KeyAccess {
    private final KeyDirectory directory;
    private final ManagedKeys managedKeys;
    private final AccessEvaluator evaluator;
    private final GrantDirectory grants;

    KeyAccess(KeyDirectory directory, ManagedKeys managedKeys, AccessEvaluator evaluator, GrantDirectory grants) {
        this.directory = directory;
        this.managedKeys = managedKeys;
        this.evaluator = evaluator;
        this.grants = grants;
    }

    /** The key for the call's own action, named by id or key ARN. */
    KnownKey key(Call call, String given, Conditions conditions) {
        return find(call, given, false, call.operation().action(), conditions);
    }

    /** The key for the call's own action, named in any way. */
    KnownKey keyOrAlias(Call call, String given, Conditions conditions) {
        return find(call, given, true, call.operation().action(), conditions);
    }

    KnownKey find(Call call, String given, boolean aliases, String action, Conditions conditions) {
        KnownKey key = resolve(call, given, aliases, action, conditions);
        authorize(call, key, action, conditions);
        return key;
    }

    /** Finds a key without asking whether the caller may use it; that a key is not there is told to those who may. */
    KnownKey resolve(Call call, String given, boolean aliases, String action, Conditions conditions) {
        KeyName name = KeyName.parse(given, call.accountId(), call.region(), aliases);
        String arn = switch (name) {
            case KeyName.Id id -> arn(call, id.accountId(), "key/" + id.keyId());
            case KeyName.Alias alias -> {
                conditions.with("kms:RequestAlias", alias.name());
                yield arn(call, alias.accountId(), alias.name());
            }
        };
        if (!name.accountId().equals(call.accountId())) {
            throw notOurs(call, action, "resource: " + arn);
        }
        Optional<KnownKey> found = switch (name) {
            case KeyName.Id id -> directory.key(id.accountId(), call.region(), id.keyId());
            case KeyName.Alias alias -> byAlias(call, alias, action, conditions);
        };
        if (found.isEmpty()) {
            authorizeResource(call, action, arn, conditions);
            throw switch (name) {
                case KeyName.Id id -> KeyName.notFound("Key '" + arn + "' does not exist");
                case KeyName.Alias alias -> KeyName.notFound("Alias " + arn + " is not found.");
            };
        }
        return found.get();
    }

    /** Authorises a known key, and notes it for the audit event. */
    void authorize(Call call, KnownKey key, String action, Conditions conditions) {
        call.touched(key.key().arn());
        AccessRequest request = question(call, key, action, conditions);
        AccessDecision decision = evaluator.evaluateKey(
                request,
                key.policy(),
                (asked, delegated) -> grants.allow(asked.caller(), key.key(), action, conditions, delegated));
        if (!decision.allowed()) {
            throw new KmsException(Code.ACCESS_DENIED, decision.message(request));
        }
    }

    /**
     * Authorises the retirement of a grant.
     *
     * @param grant asked whether it lets the caller retire it, when no policy denies
     */
    void authorizeRetirement(Call call, KnownKey key, Conditions conditions, Grants grant) {
        call.touched(key.key().arn());
        AccessRequest request = question(call, key, Operation.RETIRE_GRANT.action(), conditions);
        AccessDecision decision = evaluator.evaluateRetirement(request, key.policy(), grant);
        if (!decision.allowed()) {
            throw new KmsException(Code.ACCESS_DENIED, decision.message(request));
        }
    }

    private static AccessRequest question(Call call, KnownKey key, String action, Conditions conditions) {
        return new AccessRequest(
                call.context().caller(), action, key.key().arn(), conditions.complete(call.context(), key));
    }

    /** Authorises an action by the caller's own policies: on an alias, or on {@code *}. */
    void authorizeResource(Call call, String action, String resource, Conditions conditions) {
        AccessRequest request =
                new AccessRequest(call.context().caller(), action, resource, conditions.complete(call.context(), null));
        AccessDecision decision = evaluator.evaluate(request);
        if (!decision.allowed()) {
            throw new KmsException(Code.ACCESS_DENIED, decision.message(request));
        }
    }

    /** AWS's refusal of what is not in this account or region: it does not tell whether the key exists. */
    static KmsException notOurs(Call call, String action, String on) {
        return new KmsException(
                Code.ACCESS_DENIED,
                "User: " + call.context().caller().arn() + " is not authorized to perform: " + action + " on " + on
                        + " because the resource does not exist in this Region, no resource-based policies allow access,"
                        + " or a resource-based policy explicitly denies access");
    }

    private Optional<KnownKey> byAlias(Call call, KeyName.Alias alias, String action, Conditions conditions) {
        Optional<String> target = directory.aliasTarget(alias.accountId(), call.region(), alias.name());
        if (target.isEmpty() && ManagedKeys.predefined(alias.name()) && madeOnUse(call.operation())) {
            // Who may not use it does not make it. The key that is judged never exists: only its alias has a name yet.
            KnownKey candidate = managedKeys.candidate(alias.accountId(), call.region(), alias.name());
            AccessRequest question = question(call, candidate, action, conditions);
            AccessDecision decision = evaluator.evaluateKey(question, candidate.policy(), Grants.NONE);
            if (!decision.allowed()) {
                AccessRequest named = new AccessRequest(
                        question.caller(),
                        action,
                        arn(call, alias.accountId(), alias.name()),
                        question.conditionKeys());
                throw new KmsException(Code.ACCESS_DENIED, decision.message(named));
            }
            target = Optional.of(managedKeys.create(alias.accountId(), call.region(), alias.name()));
        }
        return target.flatMap(keyId -> directory.key(alias.accountId(), call.region(), keyId));
    }

    private static boolean madeOnUse(Operation operation) {
        return switch (operation) {
            case DESCRIBE_KEY, ENCRYPT, GENERATE_DATA_KEY, GENERATE_DATA_KEY_WITHOUT_PLAINTEXT, RE_ENCRYPT -> true;
            case CANCEL_KEY_DELETION,
                    CREATE_ALIAS,
                    CREATE_GRANT,
                    CREATE_KEY,
                    DECRYPT,
                    DELETE_ALIAS,
                    DISABLE_KEY,
                    DISABLE_KEY_ROTATION,
                    ENABLE_KEY,
                    ENABLE_KEY_ROTATION,
                    GENERATE_RANDOM,
                    GET_KEY_POLICY,
                    GET_KEY_ROTATION_STATUS,
                    LIST_ALIASES,
                    LIST_GRANTS,
                    LIST_KEY_POLICIES,
                    LIST_KEY_ROTATIONS,
                    LIST_KEYS,
                    LIST_RESOURCE_TAGS,
                    LIST_RETIRABLE_GRANTS,
                    PUT_KEY_POLICY,
                    RETIRE_GRANT,
                    REVOKE_GRANT,
                    ROTATE_KEY_ON_DEMAND,
                    SCHEDULE_KEY_DELETION,
                    TAG_RESOURCE,
                    UNTAG_RESOURCE,
                    UPDATE_ALIAS,
                    UPDATE_KEY_DESCRIPTION -> false;
        };
    }

    /** The key ARN that a name stands for; an alias without a key as alias ARN, and what is no name as it is. */
    String arnOf(CallContext call, String given) {
        String ownAccount = call.caller().accountId();
        KeyName name;
        try {
            name = KeyName.parse(given, ownAccount, call.region(), true);
        } catch (KmsException e) {
            return given;
        }
        String resource = switch (name) {
            case KeyName.Id id -> "key/" + id.keyId();
            case KeyName.Alias alias
            when alias.accountId().equals(ownAccount) ->
                directory
                        .aliasTarget(ownAccount, call.region(), alias.name())
                        .map(keyId -> "key/" + keyId)
                        .orElse(alias.name());
            case KeyName.Alias alias -> alias.name();
        };
        return "arn:aws:kms:" + call.region() + ":" + name.accountId() + ":" + resource;
    }

    private static String arn(Call call, String accountId, String resource) {
        return "arn:aws:kms:" + call.region() + ":" + accountId + ":" + resource;
    }
}

package dev.sallyport.kms.principal;

import dev.sallyport.kms.access.MalformedPolicyException;
import dev.sallyport.kms.access.PolicyDocument;
import dev.sallyport.kms.access.PolicyKind;
import dev.sallyport.kms.crypto.RandomBytes;
import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.kms.principal.PrincipalRows.Principal;
import dev.sallyport.kms.store.KeyStore;
import dev.sallyport.kms.store.Row;
import dev.sallyport.kms.store.RowReader;
import dev.sallyport.kms.store.RowWriter;
import dev.sallyport.kms.store.StoreException;
import dev.sallyport.kms.store.StoreException.Reason;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Changes principals. Every change is durable, and in force on the hot path, when its call returns. Refusals are
 * {@link StoreException}s with the reason {@code REFUSED} and a line for the operator.
 */
public final class PrincipalAdmin {
    /** Documents that a principal can have, as on AWS. */
    public static final int MAX_POLICIES = 10;

    /** Access keys that a principal can have, as on AWS. */
    public static final int MAX_ACCESS_KEYS = 2;

    /** The name of the document that {@code --admin} attaches. */
    public static final String ADMINISTRATOR = "AdministratorAccess";

    static final String ADMINISTRATOR_DOCUMENT =
            "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}]}";
    private static final Pattern NAME = Pattern.compile("[\\w+=,.@-]{1,64}");
    private static final Pattern POLICY_NAME = Pattern.compile("[\\w+=,.@-]{1,128}");
    private static final Pattern ACCOUNT = Pattern.compile("[0-9]{12}");
    private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private static final int MAX_PRINCIPALS = 5_000;
    private static final SecureRandom RANDOM = RandomBytes.secureRandom();

    private final KeyStore store;
    private final String account;
    private final Clock clock;

    /** @param account twelve digits */
    public PrincipalAdmin(KeyStore store, String account, Clock clock) {
        if (!ACCOUNT.matcher(account).matches()) {
            throw refused("an account id has twelve digits");
        }
        this.store = store;
        this.account = account;
        this.clock = clock;
    }

    /**
     * A new user with one access key.
     *
     * @param policies names and documents to attach
     * @param administrator whether to attach {@link #ADMINISTRATOR}, which allows everything
     */
    public NewAccessKey add(String name, Map<String, String> policies, boolean administrator) {
        if (!NAME.matcher(name).matches()) {
            throw refused("a user's name has 1 to 64 letters, digits or any of _+=,.@-");
        }
        policies.forEach(PrincipalAdmin::checkPolicy);
        if (policies.size() + (administrator ? 1 : 0) > MAX_POLICIES) {
            throw refused("a principal can have 10 policies");
        }
        return store.write(writer -> {
            refuseTaken(writer, name);
            Principal principal = new Principal(account, name, "AIDA" + random(17), true, now());
            writer.put(PrincipalRows.row(principal));
            policies.forEach((policy, document) -> putPolicy(writer, principal, policy, document));
            if (administrator) {
                putPolicy(writer, principal, ADMINISTRATOR, ADMINISTRATOR_DOCUMENT);
            }
            return addKey(writer, principal);
        });
    }

    private void refuseTaken(RowReader reader, String name) {
        List<Row> all = reader.scan(PrincipalRows.PRINCIPAL, account + "/", null, MAX_PRINCIPALS);
        if (all.size() >= MAX_PRINCIPALS) {
            throw refused("the account has 5000 principals already");
        }
        for (Row row : all) {
            String taken = PrincipalRows.principal(row).name();
            if (taken.equalsIgnoreCase(name)) {
                throw refused("principal " + taken + " exists already");
            }
        }
    }

    /** All users of the account, by name. */
    public List<PrincipalInfo> list() {
        return store.read(reader -> reader.scan(PrincipalRows.PRINCIPAL, account + "/", null, MAX_PRINCIPALS).stream()
                .map(PrincipalRows::principal)
                .map(principal -> describe(reader, principal))
                .toList());
    }

    private static PrincipalInfo describe(RowReader reader, Principal principal) {
        String prefix = principal.key() + "/";
        return new PrincipalInfo(
                principal.name(),
                principal.arn(),
                principal.principalId(),
                principal.enabled(),
                principal.created(),
                keyRows(reader, principal).stream()
                        .map(PrincipalRows::accessKey)
                        .sorted(Comparator.comparing(AccessKeyInfo::created))
                        .toList(),
                reader.scan(PrincipalRows.POLICY, prefix, null, MAX_POLICIES).stream()
                        .map(row -> row.id().substring(prefix.length()))
                        .toList());
    }

    /** Switches a user, or one access key of it, on or off. */
    public void setEnabled(String name, @Nullable String accessKeyId, boolean enabled) {
        store.write(writer -> {
            Principal principal = require(writer, name);
            if (accessKeyId == null) {
                writer.put(PrincipalRows.row(principal.withEnabled(enabled)));
            } else {
                Row row = requireKey(writer, principal, accessKeyId);
                try (SecretBytes secret = PrincipalRows.secret(row)) {
                    writer.put(PrincipalRows.row(
                            principal.key(), PrincipalRows.accessKey(row).withActive(enabled), secret));
                }
            }
            return true;
        });
    }

    /** Removes a user with its access keys and policies, or one access key of it. */
    public void remove(String name, @Nullable String accessKeyId) {
        store.write(writer -> {
            Principal principal = require(writer, name);
            if (accessKeyId != null) {
                requireKey(writer, principal, accessKeyId);
                return writer.delete(PrincipalRows.ACCESS_KEY, accessKeyId);
            }
            keyRows(writer, principal).forEach(row -> writer.delete(row.kind(), row.id()));
            writer.scan(PrincipalRows.POLICY, principal.key() + "/", null, MAX_POLICIES)
                    .forEach(row -> writer.delete(row.kind(), row.id()));
            return writer.delete(PrincipalRows.PRINCIPAL, principal.key());
        });
    }

    /** A further access key; the older one goes on working until it is disabled or removed. */
    public NewAccessKey rotate(String name) {
        return store.write(writer -> {
            Principal principal = require(writer, name);
            if (keyRows(writer, principal).size() >= MAX_ACCESS_KEYS) {
                throw refused("principal " + name + " has two access keys already: remove one first");
            }
            return addKey(writer, principal);
        });
    }

    /** Attaches a document, or replaces the one of that name. */
    public void putPolicy(String name, String policy, String document) {
        checkPolicy(policy, document);
        store.write(writer -> {
            Principal principal = require(writer, name);
            List<Row> there = writer.scan(PrincipalRows.POLICY, principal.key() + "/", null, MAX_POLICIES);
            boolean replaces = there.stream().anyMatch(row -> row.id().equals(principal.key() + "/" + policy));
            if (there.size() >= MAX_POLICIES && !replaces) {
                throw refused("principal " + name + " has 10 policies already");
            }
            putPolicy(writer, principal, policy, document);
            return true;
        });
    }

    /** The documents of a user by name. */
    public Map<String, String> policies(String name) {
        return store.read(reader -> {
            Principal principal = require(reader, name);
            String prefix = principal.key() + "/";
            Map<String, String> documents = new TreeMap<>();
            reader.scan(PrincipalRows.POLICY, prefix, null, MAX_POLICIES)
                    .forEach(row -> documents.put(
                            row.id().substring(prefix.length()), new String(row.payload(), StandardCharsets.UTF_8)));
            return documents;
        });
    }

    /** Detaches a document. */
    public void removePolicy(String name, String policy) {
        store.write(writer -> {
            Principal principal = require(writer, name);
            if (!writer.delete(PrincipalRows.POLICY, principal.key() + "/" + policy)) {
                throw refused("principal " + name + " has no policy " + policy);
            }
            return true;
        });
    }

    private static void checkPolicy(String policy, String document) {
        if (!POLICY_NAME.matcher(policy).matches()) {
            throw refused("a policy's name has 1 to 128 letters, digits or any of _+=,.@-");
        }
        try {
            PolicyDocument.parse(document, PolicyKind.IDENTITY);
        } catch (MalformedPolicyException e) {
            throw refused("policy " + policy + " is malformed: " + e.getMessage());
        }
    }

    private static void putPolicy(RowWriter writer, Principal principal, String policy, String document) {
        writer.put(new Row(
                PrincipalRows.POLICY, principal.key() + "/" + policy, null, document.getBytes(StandardCharsets.UTF_8)));
    }

    private NewAccessKey addKey(RowWriter writer, Principal principal) {
        byte[] random = RandomBytes.of(30);
        SecretBytes secret =
                SecretBytes.takeOver(Base64.getEncoder().encode(random)); // 40 characters, as AWS's secrets
        Arrays.fill(random, (byte) 0);
        AccessKeyInfo info = new AccessKeyInfo("AKIA" + random(16), AccessKeyType.USER, true, now(), null, null);
        writer.put(PrincipalRows.row(principal.key(), info, secret));
        return new NewAccessKey(principal.arn(), info.id(), secret);
    }

    private static List<Row> keyRows(RowReader reader, Principal principal) {
        String key = principal.key();
        // no character of a name sorts before '!', so no other user's index value lies in this range
        return reader.scanIndex(PrincipalRows.ACCESS_KEY, key, key + "!", null, MAX_ACCESS_KEYS + 1);
    }

    private Principal require(RowReader reader, String name) {
        return reader.get(PrincipalRows.PRINCIPAL, account + "/" + name)
                .map(PrincipalRows::principal)
                .orElseThrow(() -> refused("there is no principal " + name));
    }

    private static Row requireKey(RowReader reader, Principal principal, String accessKeyId) {
        return reader.get(PrincipalRows.ACCESS_KEY, accessKeyId)
                .filter(row -> PrincipalRows.owner(row).equals(principal.key()))
                .orElseThrow(() -> refused("principal " + principal.name() + " has no access key " + accessKeyId));
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    private static String random(int length) {
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append(BASE32.charAt(RANDOM.nextInt(BASE32.length())));
        }
        return text.toString();
    }

    private static StoreException refused(String message) {
        return new StoreException(Reason.REFUSED, message);
    }
}

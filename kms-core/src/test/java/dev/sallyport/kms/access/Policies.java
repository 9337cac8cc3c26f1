package dev.sallyport.kms.access;

import dev.sallyport.kms.Caller;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Callers, documents and requests for tests. */
final class Policies {
    static final String ACCOUNT = "111122223333";
    static final String KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-24T12:00:00Z"), ZoneOffset.UTC);
    static final Caller ALICE = user("alice");
    static final Caller BOB = user("bob");
    static final Caller STRANGER = new Caller(
            "arn:aws:iam::444455556666:user/eve", "444455556666", "AIDAEVE0000000000001", "eve", "AKIAEVE", null);

    private Policies() {}

    static Caller user(String name) {
        return new Caller(
                "arn:aws:iam::" + ACCOUNT + ":user/" + name,
                ACCOUNT,
                "AIDA" + name.toUpperCase(java.util.Locale.ROOT) + "0000000000001",
                name,
                "AKIA" + name,
                null);
    }

    /** Statements in single quotes for readability. */
    static String document(String... statements) {
        return ("{'Version': '2012-10-17', 'Statement': [" + String.join(",", statements) + "]}").replace('\'', '"');
    }

    static PolicyDocument identity(String... statements) {
        return PolicyDocument.parse(document(statements), PolicyKind.IDENTITY);
    }

    static PolicyDocument key(String... statements) {
        return PolicyDocument.parse(document(statements), PolicyKind.KEY);
    }

    static PolicyDocument bucket(String... statements) {
        return PolicyDocument.parse(document(statements), PolicyKind.BUCKET);
    }

    static AccessEvaluator evaluator(PolicyDocument... identity) {
        return new AccessEvaluator(caller -> Arrays.asList(identity), CLOCK);
    }

    static AccessRequest decrypt(Caller caller) {
        return new AccessRequest(caller, "kms:Decrypt", KEY, Map.of());
    }

    static AccessRequest request(String action, String resource, Map<String, List<String>> keys) {
        return new AccessRequest(ALICE, action, resource, keys);
    }
}

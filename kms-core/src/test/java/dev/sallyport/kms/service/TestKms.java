package dev.sallyport.kms.service;

import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.Caller;
import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.access.AccessEvaluator;
import dev.sallyport.kms.access.IdentityPolicies;
import dev.sallyport.kms.access.PolicyDocument;
import dev.sallyport.kms.access.PolicyKind;
import dev.sallyport.kms.audit.AuditEvent;
import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.kms.store.KeyStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** A service over a store in memory, with a clock that tests move and events that they read. */
final class TestKms {
    static final String ACCOUNT = "111122223333";
    static final String REGION = "eu-central-1";
    static final String ALL = """
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]}""";

    final List<AuditEvent> events = Collections.synchronizedList(new ArrayList<>());
    final KeyStore store;

    /** Whether the journal takes no events. */
    volatile boolean journalFails;

    final KmsService service;
    /** Users that are no more; every other name is one. */
    final Set<String> removed = new HashSet<>();

    private final Map<String, List<PolicyDocument>> policies = new HashMap<>();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    TestKms() {
        this(new InMemoryKeyStore());
    }

    TestKms(KeyStore store) {
        this.store = store;
        Clock clock = new Clock() {
            @Override
            public ZoneOffset getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(java.time.ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                return now;
            }
        };
        IdentityPolicies principals = new IdentityPolicies() {
            @Override
            public List<PolicyDocument> of(Caller caller) {
                return policies.getOrDefault(caller.userName(), List.of());
            }

            @Override
            public Optional<String> principalId(String arn) {
                return arn.startsWith(arn("")) && !removed.contains(arn.substring(arn("").length()))
                        ? Optional.of("AIDA" + arn.substring(arn("").length()))
                        : Optional.empty();
            }
        };
        AccessEvaluator evaluator = new AccessEvaluator(principals, clock);
        service = new KmsService(
                store,
                region -> SecretBytes.takeOver(new byte[] {
                    1,
                    2,
                    3,
                    4,
                    5,
                    6,
                    7,
                    8,
                    9,
                    10,
                    11,
                    12,
                    13,
                    14,
                    15,
                    16,
                    17,
                    18,
                    19,
                    20,
                    21,
                    22,
                    23,
                    24,
                    25,
                    26,
                    27,
                    28,
                    29,
                    30,
                    31,
                    (byte) region.length()
                }),
                evaluator,
                event -> {
                    if (journalFails) {
                        throw new KmsException(KmsException.Code.INTERNAL, "");
                    }
                    events.add(event);
                    return () -> {};
                },
                clock);
        allow("admin", ALL);
    }

    void allow(String user, String... documents) {
        List<PolicyDocument> parsed = new ArrayList<>();
        for (String document : documents) {
            parsed.add(PolicyDocument.parse(document, PolicyKind.IDENTITY));
        }
        policies.put(user, parsed);
    }

    void pass(Duration time) {
        now = now.plus(time);
    }

    Instant now() {
        return now;
    }

    /** A user's ARN. */
    static String arn(String user) {
        return "arn:aws:iam::" + ACCOUNT + ":user/" + user;
    }

    static CallContext as(String user) {
        return as(user, ACCOUNT, REGION);
    }

    static CallContext as(String user, String account, String region) {
        return new CallContext(
                new Caller(
                        "arn:aws:iam::" + account + ":user/" + user, account, "AIDA" + user, user, "AKIA" + user, null),
                region,
                UUID.randomUUID().toString(),
                "192.0.2.1",
                "test",
                false,
                null,
                null,
                null,
                List.of());
    }

    KmsResponse call(KmsRequest request) {
        return call("admin", request);
    }

    KmsResponse call(String user, KmsRequest request) {
        return service.call(as(user), request).response();
    }

    KeyMetadata createKey() {
        return ((KmsResponse.KeyDetails) call(KmsRequest.CreateKey.symmetric("test"))).keyMetadata();
    }

    KeyMetadata describe(String keyId) {
        return ((KmsResponse.KeyDetails) call(new KmsRequest.DescribeKey(keyId))).keyMetadata();
    }

    static KmsException refusal(org.assertj.core.api.ThrowableAssert.ThrowingCallable action) {
        return org.assertj.core.api.Assertions.catchThrowableOfType(KmsException.class, action);
    }
}

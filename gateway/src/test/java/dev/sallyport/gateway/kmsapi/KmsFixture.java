package dev.sallyport.gateway.kmsapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.Caller;
import dev.sallyport.kms.access.AccessEvaluator;
import dev.sallyport.kms.access.IdentityPolicies;
import dev.sallyport.kms.access.PolicyDocument;
import dev.sallyport.kms.access.PolicyKind;
import dev.sallyport.kms.audit.AuditEvent;
import dev.sallyport.kms.seal.SealSecret;
import dev.sallyport.kms.service.KmsService;
import dev.sallyport.kms.store.DigestWitness;
import dev.sallyport.kms.store.SqliteKeyStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The endpoint over a real key store. {@code admin} may do anything; nobody else may do anything. */
final class KmsFixture implements AutoCloseable {
    static final String ACCOUNT = "111111111111";
    static final String REGION = "eu-central-1";
    /** With which the ARN of every user begins. */
    static final String USERS = "arn:aws:iam::" + ACCOUNT + ":user/";

    static final ObjectMapper JSON = new ObjectMapper();

    private static final PolicyDocument ALL = PolicyDocument.parse("""
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]}""", PolicyKind.IDENTITY);

    final List<AuditEvent> events = new ArrayList<>();
    final SqliteKeyStore store;
    final KmsService service;
    final KmsEndpoint endpoint;

    private KmsFixture(SqliteKeyStore store) {
        this.store = store;
        IdentityPolicies principals = new IdentityPolicies() {
            @Override
            public List<PolicyDocument> of(Caller caller) {
                return caller.userName().equals("admin") ? List.of(ALL) : List.of();
            }

            @Override
            public Optional<String> principalId(String arn) {
                return arn.startsWith(USERS) ? Optional.of("AIDA" + arn.substring(USERS.length())) : Optional.empty();
            }
        };
        AccessEvaluator evaluator = new AccessEvaluator(principals, Clock.systemUTC());
        service = new KmsService(
                store,
                region -> store.rootKey().domainKey(region),
                evaluator,
                event -> {
                    events.add(event);
                    return () -> {};
                },
                Clock.systemUTC());
        endpoint = new KmsEndpoint(service);
    }

    /** A new key store in {@code directory}. */
    static KmsFixture create(Path directory) {
        try (SealSecret secret = SealSecret.newKeyFile(directory.resolve("seal.key"))) {
            SqliteKeyStore.create(directory.resolve("store"), secret);
        }
        return open(directory);
    }

    /** The key store that is there. */
    static KmsFixture open(Path directory) {
        try (SealSecret secret = SealSecret.keyFile(directory.resolve("seal.key"))) {
            return new KmsFixture(SqliteKeyStore.open(directory.resolve("store"), secret, DigestWitness.NONE));
        }
    }

    static CallContext as(String user, String region) {
        return new CallContext(
                new Caller(
                        "arn:aws:iam::" + ACCOUNT + ":user/" + user, ACCOUNT, "AIDA" + user, user, "AKIA" + user, null),
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

    Reply raw(String user, String region, String operation, String body) {
        return endpoint.handle(as(user, region), "TrentService." + operation, body.getBytes(StandardCharsets.UTF_8));
    }

    Result call(String operation, String body) {
        return new Result(raw("admin", REGION, operation, body));
    }

    Result callAs(String user, String operation, String body) {
        return new Result(raw(user, REGION, operation, body));
    }

    Result callIn(String region, String operation, String body) {
        return new Result(raw("admin", region, operation, body));
    }

    /** Metadata of a new key. */
    JsonNode createKey(String body) {
        Result result = call("CreateKey", body);
        if (result.status != 200) {
            throw new AssertionError("CreateKey: " + result.body);
        }
        return result.body.get("KeyMetadata");
    }

    @Override
    public void close() {
        service.close();
        store.close();
    }

    /** An answer, parsed. */
    static final class Result {
        final int status;
        final JsonNode body;

        Result(Reply reply) {
            status = reply.status();
            try {
                body = reply.body().length == 0 ? JSON.createObjectNode() : JSON.readTree(reply.body());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        String type() {
            return body.path("__type").asText();
        }

        String message() {
            return body.has("Message")
                    ? body.path("Message").asText()
                    : body.path("message").asText();
        }

        String text(String name) {
            return body.path(name).asText();
        }
    }
}

package dev.sallyport.kms.service;

import static dev.sallyport.kms.service.TestKms.arn;
import static dev.sallyport.kms.service.TestKms.as;

import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.service.KmsResponse.ListGrants.GrantListEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;

/** A key, and what tests of grants do with it. */
abstract class GrantCases {
    static final String ROOT = "arn:aws:iam::" + TestKms.ACCOUNT + ":root";
    static final String POLICY = """
            {"Version": "2012-10-17", "Statement": [{"Effect": "%s", "Action": "%s", "Resource": "*"}]}""";

    final TestKms kms = new TestKms();
    String key = "";

    @BeforeEach
    void makeKey() {
        key = kms.createKey().arn();
    }

    KmsResponse.CreateGrant grant(String grantee, String... operations) {
        return create("admin", r -> r, grantee, operations);
    }

    KmsResponse.CreateGrant create(
            String issuer, UnaryOperator<GrantRequest.CreateGrant> change, String grantee, String... operations) {
        String[] names = operations;
        String who = grantee;
        if (GrantOperation.of(grantee) != null) {
            who = "alice";
            names = new String[operations.length + 1];
            names[0] = grantee;
            System.arraycopy(operations, 0, names, 1, operations.length);
        }
        return (KmsResponse.CreateGrant)
                kms.call(issuer, change.apply(GrantRequest.CreateGrant.of(key, arn(who), names)));
    }

    List<GrantListEntry> list(@Nullable String grantId, @Nullable String grantee) {
        return ((KmsResponse.ListGrants) kms.call(new GrantRequest.ListGrants(key, grantId, grantee, null, null, null)))
                .grants();
    }

    List<String> pages(java.util.function.Function<@Nullable String, GrantRequest> request) {
        List<String> ids = new ArrayList<>();
        String marker = null;
        do {
            KmsResponse.ListGrants page = (KmsResponse.ListGrants) kms.call(request.apply(marker));
            page.grants().forEach(grant -> ids.add(grant.grantId()));
            marker = page.nextMarker();
        } while (marker != null);
        return ids;
    }

    void encrypt(String user, EncryptionContext context) {
        kms.service.encrypt(as(user), key, new byte[1], context);
    }

    void dataKey(String user, EncryptionContext context) {
        kms.service.generateDataKey(as(user), key, context, 16).close();
    }

    static CallContext root() {
        CallContext user = as("root");
        return new CallContext(
                new dev.sallyport.kms.Caller(ROOT, TestKms.ACCOUNT, TestKms.ACCOUNT, "root", null, null),
                user.region(),
                user.requestId(),
                user.sourceIp(),
                user.userAgent(),
                false,
                null,
                null,
                null,
                List.of());
    }

    static CallContext with(CallContext call, String token) {
        return new CallContext(
                call.caller(),
                call.region(),
                call.requestId(),
                call.sourceIp(),
                call.userAgent(),
                false,
                null,
                null,
                null,
                List.of(token));
    }

    static EncryptionContext pairs(@Nullable String text) {
        EncryptionContext context = EncryptionContext.EMPTY;
        if (text != null) {
            for (String pair : text.split(",", -1)) {
                int equals = pair.indexOf('=');
                context = context.with(pair.substring(0, equals), pair.substring(equals + 1));
            }
        }
        return context;
    }

    static GrantRequest.CreateGrant constrained(
            GrantRequest.CreateGrant r, GrantConstraint.Type type, EncryptionContext context) {
        boolean equal = type == GrantConstraint.Type.EQUALS;
        return new GrantRequest.CreateGrant(
                r.keyId(),
                r.granteePrincipal(),
                r.retiringPrincipal(),
                r.operations(),
                equal ? context : null,
                equal ? null : context,
                null,
                r.name(),
                null,
                null,
                false);
    }

    static GrantRequest.CreateGrant retiring(GrantRequest.CreateGrant r, String user) {
        return new GrantRequest.CreateGrant(
                r.keyId(),
                r.granteePrincipal(),
                arn(user),
                r.operations(),
                r.contextEquals(),
                r.contextSubset(),
                null,
                r.name(),
                null,
                null,
                false);
    }

    static GrantRequest.CreateGrant named(GrantRequest.CreateGrant r, String name) {
        return new GrantRequest.CreateGrant(
                r.keyId(), r.granteePrincipal(), null, r.operations(), null, null, null, name, null, null, false);
    }

    static GrantRequest.CreateGrant dry(GrantRequest.CreateGrant r) {
        return new GrantRequest.CreateGrant(
                r.keyId(), r.granteePrincipal(), null, r.operations(), null, null, null, null, null, null, true);
    }
}

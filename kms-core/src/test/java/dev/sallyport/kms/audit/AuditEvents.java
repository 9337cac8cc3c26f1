package dev.sallyport.kms.audit;

import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.Caller;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Events for tests. */
final class AuditEvents {
    static final Instant TIME = Instant.parse("2026-11-24T10:11:12.345Z");
    static final String KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    static final Caller ALICE = new Caller(
            "arn:aws:iam::111122223333:user/alice",
            "111122223333",
            "AIDAEXAMPLEALICE0001",
            "alice",
            "AKIAEXAMPLEALICE0001",
            null);

    private AuditEvents() {}

    /** The journal's defaults at the events' own time, so that no segment ages while the calendar goes on. */
    static JournalOptions options() {
        JournalOptions defaults = JournalOptions.defaults();
        return new JournalOptions(
                defaults.segmentBytes(),
                defaults.segmentAge(),
                defaults.retention(),
                defaults.probeInterval(),
                Clock.fixed(TIME, ZoneOffset.UTC));
    }

    static CallContext call(String requestId, @Nullable String viaService) {
        return new CallContext(
                ALICE,
                "us-east-1",
                requestId,
                "192.0.2.7",
                "aws-cli/2.31",
                true,
                "TLSv1.3",
                "TLS_AES_256_GCM_SHA384",
                viaService,
                List.of());
    }

    static AuditEvent decrypt(String requestId, Instant time) {
        return new AuditEvent(
                call(requestId, null),
                time,
                "Decrypt",
                true,
                Map.of("encryptionAlgorithm", "SYMMETRIC_DEFAULT"),
                null,
                List.of(KEY),
                "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                null,
                null);
    }
}

package dev.sallyport.kms.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.kms.AuditReceipt;
import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.Caller;
import dev.sallyport.kms.DataKey;
import dev.sallyport.kms.DecryptedKey;
import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.KeyDescription;
import dev.sallyport.kms.Kms;
import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.KmsException.Code;
import dev.sallyport.kms.Wrapped;
import dev.sallyport.kms.audit.AuditEvent;
import dev.sallyport.kms.crypto.SecretBytes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Calls to a KMS elsewhere leave one event each, in the name of the caller on whose behalf they are made. */
class AuditedKmsTest {
    private static final String ARN = "arn:aws:kms:eu-central-1:999900001111:key/k";
    private static final EncryptionContext CONTEXT = EncryptionContext.of("aws:s3:arn", "arn:aws:s3:::b/k");
    private static final CallContext CALL = new CallContext(
            new Caller("arn:aws:iam::111122223333:user/alice", "111122223333", "AIDA", "alice", null, null),
            "eu-central-1",
            "request",
            "127.0.0.1",
            "test",
            false,
            null,
            null,
            "s3.eu-central-1.amazonaws.com",
            List.of());

    private final List<AuditEvent> events = new ArrayList<>();
    private final FakeKms elsewhere = new FakeKms();
    private final AuditedKms kms = new AuditedKms(
            elsewhere,
            event -> {
                events.add(event);
                return AuditReceipt.DONE;
            },
            () -> Instant.EPOCH);

    /** Answers every question, or refuses every one. */
    private static final class FakeKms implements Kms {
        private @Nullable KmsException refusal;

        private void refuseIfTold() {
            if (refusal != null) {
                throw refusal;
            }
        }

        @Override
        public DataKey generateDataKey(CallContext call, String keyId, EncryptionContext context, int numberOfBytes) {
            refuseIfTold();
            return new DataKey(ARN, SecretBytes.random(numberOfBytes), new byte[] {1}, AuditReceipt.DONE);
        }

        @Override
        public DecryptedKey decrypt(
                CallContext call, byte[] wrapped, EncryptionContext context, @Nullable String keyId) {
            refuseIfTold();
            return new DecryptedKey(ARN, SecretBytes.random(32), AuditReceipt.DONE);
        }

        @Override
        public Wrapped encrypt(CallContext call, String keyId, byte[] plaintext, EncryptionContext context) {
            refuseIfTold();
            return new Wrapped(ARN, new byte[] {2}, AuditReceipt.DONE);
        }

        @Override
        public Wrapped reEncrypt(
                CallContext call,
                byte[] wrapped,
                EncryptionContext source,
                String destinationKeyId,
                EncryptionContext destination) {
            refuseIfTold();
            return new Wrapped(ARN, new byte[] {3}, AuditReceipt.DONE);
        }

        @Override
        public KeyDescription describeKey(CallContext call, String keyId) {
            refuseIfTold();
            return new KeyDescription(ARN, "k", false, "Enabled");
        }

        @Override
        public String keyArn(CallContext call, String keyId) {
            return ARN;
        }

        @Override
        public void authorizeCachedUse(CallContext call, String keyId, String action, EncryptionContext context) {
            refuseIfTold();
        }

        @Override
        public long stateEpoch() {
            return 0;
        }
    }

    @Test
    void eachCallLeavesOneEventInTheNameOfItsCaller() {
        try (DataKey made = kms.generateDataKey(CALL, "alias/k", CONTEXT, 32)) {
            assertThat(made.keyArn()).isEqualTo(ARN);
            assertThat(made.wrapped()).containsExactly(1);
            assertThat(made.plaintext().length()).isEqualTo(32);
        }
        try (DecryptedKey opened = kms.decrypt(CALL, new byte[] {1}, CONTEXT, ARN)) {
            assertThat(opened.keyArn()).isEqualTo(ARN);
        }
        assertThat(kms.encrypt(CALL, ARN, new byte[] {5}, CONTEXT).bytes()).containsExactly(2);
        assertThat(kms.reEncrypt(CALL, new byte[] {1}, CONTEXT, ARN, CONTEXT).bytes())
                .containsExactly(3);
        assertThat(kms.describeKey(CALL, "alias/k").arn()).isEqualTo(ARN);
        // what a cache answers leaves none, as with the service itself
        kms.authorizeCachedUse(CALL, ARN, "kms:Decrypt", CONTEXT);
        assertThat(events)
                .extracting(AuditEvent::eventName)
                .containsExactly("GenerateDataKey", "Decrypt", "Encrypt", "ReEncrypt", "DescribeKey");
        assertThat(events).allSatisfy(event -> {
            assertThat(event.call().caller().userName()).isEqualTo("alice");
            assertThat(event.keyArns()).containsExactly(ARN);
            assertThat(event.errorCode()).isNull();
        });
        assertThat(events.getFirst().requestParameters())
                .isEqualTo(Map.of("keyId", "alias/k", "encryptionContext", CONTEXT.pairs(), "numberOfBytes", 32));
    }

    @Test
    void refusalsAndDeniedUsesOfTheCacheLeaveAnEventToo() {
        elsewhere.refusal = new KmsException(Code.DISABLED, ARN + " is disabled.");
        assertThatThrownBy(() -> kms.decrypt(CALL, new byte[] {1}, CONTEXT, ARN))
                .isSameAs(elsewhere.refusal);
        elsewhere.refusal = new KmsException(Code.ACCESS_DENIED, "no");
        assertThatThrownBy(() -> kms.authorizeCachedUse(CALL, ARN, "kms:Decrypt", CONTEXT))
                .isSameAs(elsewhere.refusal);
        assertThat(events).extracting(AuditEvent::errorCode).containsExactly("DisabledException", "AccessDenied");
    }
}

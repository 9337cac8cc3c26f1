package dev.sallyport.kms.service;

import static dev.sallyport.kms.service.TestKms.as;
import static dev.sallyport.kms.service.TestKms.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.kms.AuditReceipt;
import dev.sallyport.kms.DataKey;
import dev.sallyport.kms.DecryptedKey;
import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.Wrapped;
import dev.sallyport.kms.access.AccessEvaluator;
import dev.sallyport.kms.audit.AuditEvent;
import dev.sallyport.kms.audit.AuditLog;
import java.time.Clock;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class KmsServiceTest {
    private static final EncryptionContext CONTEXT = EncryptionContext.of("aws:s3:arn", "arn:aws:s3:::b/k");
    private static final String VIA_S3 = "s3." + TestKms.REGION + ".amazonaws.com";

    private final TestKms kms = new TestKms();

    @Test
    void wrapsAndOpensADataKey() {
        String arn = kms.createKey().arn();
        try (DataKey made = kms.service.generateDataKey(as("admin"), arn, CONTEXT, 32);
                DecryptedKey opened = kms.service.decrypt(as("admin"), made.wrapped(), CONTEXT, null)) {
            assertThat(made.keyArn()).isEqualTo(arn);
            assertThat(opened.keyArn()).isEqualTo(arn);
            assertThat(opened.plaintext().exposeCopy())
                    .hasSize(32)
                    .isEqualTo(made.plaintext().exposeCopy());
        }
    }

    @Test
    void theHotPathReadsNoRows() {
        InMemoryKeyStore store = new InMemoryKeyStore();
        TestKms counted = new TestKms(store);
        String arn = counted.createKey().arn();
        byte[] wrapped;
        try (DataKey made = counted.service.generateDataKey(as("admin"), arn, CONTEXT, 32)) {
            wrapped = made.wrapped();
        }
        int reads = store.reads();
        for (int i = 0; i < 10; i++) {
            counted.service.generateDataKey(as("admin"), arn, CONTEXT, 32).close();
            counted.service.decrypt(as("admin"), wrapped, CONTEXT, null).close();
            counted.service.authorizeCachedUse(as("admin"), arn, "kms:Decrypt", CONTEXT);
        }
        assertThat(store.reads()).isEqualTo(reads);
    }

    @Test
    void aContextOfOtherPairsDoesNotOpen() {
        String arn = kms.createKey().arn();
        Wrapped wrapped = kms.service.encrypt(as("admin"), arn, new byte[] {1}, EncryptionContext.of("ab", "c"));
        for (EncryptionContext other : new EncryptionContext[] {
            EncryptionContext.of("a", "bc"), EncryptionContext.of("abc", ""), EncryptionContext.EMPTY
        }) {
            KmsException refusal = refusal(() -> kms.service.decrypt(as("admin"), wrapped.bytes(), other, null));
            assertThat(refusal.code()).isEqualTo(KmsException.Code.INVALID_CIPHERTEXT);
            assertThat(refusal).hasMessage("");
        }
        kms.service
                .decrypt(as("admin"), wrapped.bytes(), EncryptionContext.of("ab", "c"), arn)
                .close();
    }

    @Test
    void disablingStopsTheNextUse() {
        String arn = kms.createKey().arn();
        DataKey made = kms.service.generateDataKey(as("admin"), arn, CONTEXT, 32);
        kms.call(new KmsRequest.DisableKey(arn));
        assertThat(refusal(() -> kms.service.decrypt(as("admin"), made.wrapped(), CONTEXT, null)))
                .hasMessage(arn + " is disabled.")
                .extracting(KmsException::code)
                .isEqualTo(KmsException.Code.DISABLED);
        assertThat(refusal(() -> kms.service.authorizeCachedUse(as("admin"), arn, "kms:Decrypt", CONTEXT)))
                .hasMessage(arn + " is disabled.");
        kms.call(new KmsRequest.EnableKey(arn));
        kms.service.decrypt(as("admin"), made.wrapped(), CONTEXT, null).close();
    }

    @Test
    void aCachedUseByAnAliasMeetsADenyOnThatAlias() {
        String arn = kms.createKey().arn();
        kms.call(new KmsRequest.CreateAlias("alias/closed", arn));
        kms.call(new KmsRequest.PutKeyPolicy(arn, null, """
                {"Version": "2012-10-17", "Statement": [
                  {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"},
                  {"Effect": "Deny", "Principal": "*", "Action": "kms:GenerateDataKey", "Resource": "*",
                   "Condition": {"StringEquals": {"kms:RequestAlias": "alias/closed"}}}]}""", false));
        kms.service.authorizeCachedUse(as("admin"), arn, "kms:GenerateDataKey", CONTEXT);
        assertThat(refusal(() -> kms.service.authorizeCachedUse(
                                as("admin"), "alias/closed", "kms:GenerateDataKey", CONTEXT))
                        .code())
                .isEqualTo(KmsException.Code.ACCESS_DENIED);
    }

    @Test
    void aCallerWithoutPermissionIsRefusedAndRecorded() {
        String arn = kms.createKey().arn();
        kms.events.clear();
        assertThat(refusal(() -> kms.service.generateDataKey(as("eve"), arn, CONTEXT, 32)))
                .hasMessage("User: arn:aws:iam::111122223333:user/eve is not authorized to perform:"
                        + " kms:GenerateDataKey on resource: " + arn
                        + " because no identity-based policy allows the kms:GenerateDataKey action");
        assertThat(refusal(() -> kms.service.authorizeCachedUse(as("eve"), arn, "kms:Decrypt", CONTEXT))
                        .code())
                .isEqualTo(KmsException.Code.ACCESS_DENIED);
        assertThat(kms.events).extracting(AuditEvent::eventName).containsExactly("GenerateDataKey", "Decrypt");
        assertThat(kms.events).extracting(AuditEvent::errorCode).containsOnly("AccessDenied");
    }

    @Test
    void theContextIsAConditionOfPermission() {
        String arn = kms.createKey().arn();
        kms.allow("alice", """
                {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:GenerateDataKey", "Resource": "*",
                 "Condition": {"StringEquals": {"kms:EncryptionContext:team": "blue"},
                               "ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["team"]}}}]}""");
        kms.service
                .generateDataKey(as("alice"), arn, EncryptionContext.of("team", "blue"), 32)
                .close();
        for (EncryptionContext other : new EncryptionContext[] {
            EncryptionContext.of("team", "red"),
            EncryptionContext.of("team", "blue").with("other", "x"),
            EncryptionContext.EMPTY
        }) {
            assertThat(refusal(() -> kms.service.generateDataKey(as("alice"), arn, other, 32))
                            .code())
                    .isEqualTo(KmsException.Code.ACCESS_DENIED);
        }
    }

    @Test
    void theManagedKeyIsMadeAtFirstUseAndServesItsServiceOnly() {
        String alias = "alias/aws/s3";
        kms.allow("alice");
        assertThat(refusal(() -> kms.service.generateDataKey(as("alice"), alias, CONTEXT, 32))
                        .code())
                .isEqualTo(KmsException.Code.ACCESS_DENIED);
        DataKey made = kms.service.generateDataKey(as("alice").via(VIA_S3), alias, CONTEXT, 32);
        String arn = made.keyArn();
        KeyMetadata key = kms.describe(alias);
        assertThat(key.arn()).isEqualTo(arn);
        assertThat(key.awsManaged()).isTrue();
        kms.service
                .decrypt(as("alice").via(VIA_S3), made.wrapped(), CONTEXT, null)
                .close();
        KmsRequest[] direct = {
            new KmsRequest.GenerateDataKey(arn, CONTEXT, 32, null, false, false, true),
            new KmsRequest.Decrypt(Bytes.copyOf(made.wrapped()), CONTEXT, null, null, false, false, false),
            new KmsRequest.DisableKey(arn),
            new KmsRequest.ScheduleKeyDeletion(arn, 7),
            new KmsRequest.PutKeyPolicy(arn, null, TestKms.ALL, true),
            new KmsRequest.TagResource(arn, List.of(new Tag("a", "b"))),
            new KmsRequest.CreateAlias("alias/mine", arn),
            new KmsRequest.DisableKeyRotation(arn),
            new KmsRequest.RotateKeyOnDemand(arn),
            new KmsRequest.UpdateKeyDescription(arn, "x"),
        };
        for (KmsRequest request : direct) {
            assertThat(refusal(() -> kms.call(request)))
                    .as(request.operation().wireName())
                    .isNotNull()
                    .extracting(KmsException::code)
                    .isEqualTo(KmsException.Code.ACCESS_DENIED);
        }
        assertThat(((KmsResponse.GetKeyRotationStatus) kms.call(new KmsRequest.GetKeyRotationStatus(arn)))
                        .keyRotationEnabled())
                .isTrue();
    }

    @Test
    void noEventNamesAKeyThatNeverWas() {
        kms.allow("alice");
        String alias = "alias/aws/s3";
        KmsException direct = refusal(() -> kms.service.generateDataKey(as("alice"), alias, CONTEXT, 32));
        assertThat(direct)
                .hasMessageContaining("on resource: arn:aws:kms:eu-central-1:111122223333:alias/aws/s3 because");
        assertThat(kms.events.getLast().keyArns()).isEmpty();
        String arn = kms.service
                .generateDataKey(as("alice").via(VIA_S3), alias, CONTEXT, 32)
                .keyArn();
        assertThat(kms.events.getLast().keyArns()).containsExactly(arn);
        assertThat(kms.describe(alias).arn()).isEqualTo(arn);
    }

    @Test
    void aCachedUseThatBreaksIsRefusedAndRecorded() {
        InMemoryKeyStore rows = new InMemoryKeyStore();
        TestKms broken = new TestKms(rows);
        String arn = broken.createKey().arn();
        broken.events.clear();
        rows.fails = true;
        assertThat(refusal(() -> broken.service.authorizeCachedUse(as("admin"), arn, "kms:Decrypt", CONTEXT))
                        .code())
                .isEqualTo(KmsException.Code.INTERNAL);
        assertThat(broken.events).extracting(AuditEvent::eventName).containsExactly("Decrypt");
        assertThat(broken.events).extracting(AuditEvent::errorCode).containsExactly("KMSInternalException");
    }

    @Test
    void aNameStandsForTheArnOfItsKey() {
        String arn = kms.createKey().arn();
        String id = arn.substring(arn.lastIndexOf('/') + 1);
        kms.call(new KmsRequest.CreateAlias("alias/one", arn));
        int events = kms.events.size();
        String aliases = "arn:aws:kms:eu-central-1:111122223333:alias/";
        for (String name : List.of(id, arn, "alias/one", aliases + "one")) {
            assertThat(kms.service.keyArn(as("eve"), name)).as(name).isEqualTo(arn);
        }
        assertThat(kms.service.keyArn(as("eve"), "alias/aws/s3")).isEqualTo(aliases + "aws/s3");
        assertThat(kms.service.keyArn(as("eve"), "no key")).isEqualTo("no key");
        assertThat(kms.events).hasSize(events);
    }

    @Test
    void reEncryptsWithoutShowingThePlaintext() {
        String from = kms.createKey().arn();
        String to = kms.createKey().arn();
        Wrapped wrapped = kms.service.encrypt(as("admin"), from, new byte[] {7}, CONTEXT);
        kms.events.clear();
        Wrapped again = kms.service.reEncrypt(as("admin"), wrapped.bytes(), CONTEXT, to, EncryptionContext.EMPTY);
        assertThat(kms.events).hasSize(1);
        assertThat(kms.events.getFirst().keyArns()).containsExactly(from, to);
        DecryptedKey opened = kms.service.decrypt(as("admin"), again.bytes(), EncryptionContext.EMPTY, to);
        assertThat(opened.plaintext().exposeCopy()).containsExactly(7);
    }

    @Test
    void aFailingJournalRefusesTheCall() {
        String arn = kms.createKey().arn();
        KmsService deaf = new KmsService(
                kms.store,
                region -> {
                    throw new IllegalStateException("not reached");
                },
                new AccessEvaluator(caller -> List.of(), Clock.systemUTC()),
                event -> {
                    throw new KmsException(KmsException.Code.INTERNAL, "");
                },
                InstantSource.system());
        assertThat(refusal(() -> deaf.describeKey(as("admin"), arn)).code()).isEqualTo(KmsException.Code.INTERNAL);
    }

    @Test
    void aHugeContextIsUsedButNotRecorded() {
        String arn = kms.createKey().arn();
        EncryptionContext huge = EncryptionContext.of("k", "v".repeat(200_000));
        kms.events.clear();
        DataKey made = kms.service.generateDataKey(as("admin"), arn, huge, 16);
        kms.service.decrypt(as("admin"), made.wrapped(), huge, arn).close();
        assertThat(kms.events).hasSize(2).allMatch(event -> event.requestParameters() == null);
    }

    @Test
    void afterTheAnswerOfDisableKeyNoUseSucceeds() throws Exception {
        String arn = kms.createKey().arn();
        byte[] wrapped =
                kms.service.generateDataKey(as("admin"), arn, CONTEXT, 32).wrapped();
        for (int round = 0; round < 20; round++) {
            AtomicBoolean disabled = new AtomicBoolean();
            AtomicBoolean stop = new AtomicBoolean();
            List<Thread> users = new ArrayList<>();
            List<Throwable> wrong = Collections.synchronizedList(new ArrayList<>());
            for (int i = 0; i < 3; i++) {
                users.add(Thread.ofVirtual().start(() -> {
                    while (!stop.get()) {
                        boolean after = disabled.get();
                        try {
                            kms.service
                                    .decrypt(as("admin"), wrapped, CONTEXT, null)
                                    .close();
                            if (after) {
                                wrong.add(new AssertionError("used after it was disabled"));
                            }
                        } catch (KmsException e) {
                            if (e.code() != KmsException.Code.DISABLED) {
                                wrong.add(e);
                            }
                        } catch (RuntimeException e) {
                            wrong.add(e);
                        }
                    }
                }));
            }
            Thread.sleep(2);
            kms.call(new KmsRequest.DisableKey(arn));
            disabled.set(true);
            Thread.sleep(5);
            stop.set(true);
            for (Thread user : users) {
                user.join();
            }
            assertThat(wrong).isEmpty();
            kms.call(new KmsRequest.EnableKey(arn));
        }
    }

    @Test
    void nothingChangesWhileTheJournalTakesNoEvents() {
        KmsService closed = new KmsService(
                kms.store,
                region -> {
                    throw new IllegalStateException("not reached");
                },
                new AccessEvaluator(caller -> List.of(), Clock.systemUTC()),
                new AuditLog() {
                    @Override
                    public AuditReceipt append(AuditEvent event) {
                        throw new KmsException(KmsException.Code.INTERNAL, "");
                    }

                    @Override
                    public void requireOpen() {
                        throw new KmsException(KmsException.Code.INTERNAL, "");
                    }
                },
                InstantSource.system());
        long epoch = kms.store.epoch();
        assertThat(refusal(() -> closed.call(as("admin"), KmsRequest.CreateKey.symmetric("x")))
                        .code())
                .isEqualTo(KmsException.Code.INTERNAL);
        assertThat(kms.store.epoch()).isEqualTo(epoch);
    }
}

package dev.sallyport.kms.service;

import static dev.sallyport.kms.service.TestKms.as;
import static dev.sallyport.kms.service.TestKms.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.Wrapped;
import dev.sallyport.kms.audit.AuditEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RotationTest {
    private final TestKms kms = new TestKms();
    private final String arn = kms.createKey().arn();

    private List<KmsResponse.ListKeyRotations.RotationsListEntry> rotations(boolean all) {
        return ((KmsResponse.ListKeyRotations) kms.call(new KmsRequest.ListKeyRotations(arn, all, null, null)))
                .rotations();
    }

    private KmsResponse.GetKeyRotationStatus status() {
        return (KmsResponse.GetKeyRotationStatus) kms.call(new KmsRequest.GetKeyRotationStatus(arn));
    }

    @Test
    void aYearPassesAndTheKeyRotatesByItself() {
        Wrapped before = kms.service.encrypt(as("admin"), arn, new byte[] {1}, EncryptionContext.EMPTY);
        String material = kms.describe(arn).currentKeyMaterialId();
        kms.call(new KmsRequest.EnableKeyRotation(arn, null));
        assertThat(status().rotationPeriodInDays()).isEqualTo(365);
        kms.pass(Duration.ofDays(364));
        assertThat(kms.service.maintenance().runDue()).isZero();
        kms.pass(Duration.ofDays(1));
        kms.events.clear();
        assertThat(kms.service.maintenance().runDue()).isEqualTo(1);
        assertThat(kms.events).extracting(AuditEvent::eventName).containsExactly("RotateKey");
        assertThat(kms.describe(arn).currentKeyMaterialId()).isNotEqualTo(material);
        assertThat(rotations(false)).hasSize(1);
        assertThat(rotations(false).getFirst().rotationType()).isEqualTo(RotationType.AUTOMATIC);
        assertThat(rotations(true))
                .extracting(KmsResponse.ListKeyRotations.RotationsListEntry::current)
                .containsExactly(false, true);
        assertThat(status().nextRotationDate()).isEqualTo(kms.now().plus(Duration.ofDays(365)));
        Wrapped after = kms.service.encrypt(as("admin"), arn, new byte[] {2}, EncryptionContext.EMPTY);
        for (Wrapped each : List.of(before, after)) {
            kms.service
                    .decrypt(as("admin"), each.bytes(), EncryptionContext.EMPTY, arn)
                    .close();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theEventIsWrittenByTheNextRunWhenTheProcessEndedBeforeIt(boolean deletion) {
        if (deletion) {
            kms.call(new KmsRequest.ScheduleKeyDeletion(arn, 7));
        } else {
            kms.call(new KmsRequest.EnableKeyRotation(arn, 90));
        }
        kms.pass(Duration.ofDays(90));
        Instant due = kms.now();
        kms.events.clear();
        kms.journalFails = true;
        assertThat(kms.service.maintenance().runDue()).isZero();
        TestKms restarted = new TestKms(kms.store);
        restarted.pass(Duration.ofDays(91));
        restarted.service.maintenance().runDue();
        assertThat(kms.events).isEmpty();
        assertThat(restarted.events).hasSize(1);
        AuditEvent event = restarted.events.getFirst();
        assertThat(event.eventName()).isEqualTo(deletion ? "DeleteKey" : "RotateKey");
        assertThat(event.time()).isEqualTo(due);
        assertThat(event.keyArns()).containsExactly(arn);
        restarted.service.maintenance().runDue();
        assertThat(restarted.events).as("written once").hasSize(1);
    }

    @Test
    void aDisabledKeyRotatesOnceItIsEnabledAgain() {
        kms.call(new KmsRequest.EnableKeyRotation(arn, 90));
        kms.call(new KmsRequest.DisableKey(arn));
        kms.pass(Duration.ofDays(100));
        assertThat(kms.service.maintenance().runDue()).isZero();
        kms.call(new KmsRequest.EnableKey(arn));
        assertThat(kms.service.maintenance().runDue()).isEqualTo(1);
    }

    @Test
    void rotatesOnDemandTwentyFiveTimes() {
        for (int i = 0; i < 25; i++) {
            assertThat(kms.call(new KmsRequest.RotateKeyOnDemand(arn))).isEqualTo(new KmsResponse.KeyName(arn));
        }
        KmsException refusal = refusal(() -> kms.call(new KmsRequest.RotateKeyOnDemand(arn)));
        assertThat(refusal.code()).isEqualTo(KmsException.Code.LIMIT_EXCEEDED);
        assertThat(rotations(false)).hasSize(25);
        assertThat(status().keyRotationEnabled()).isFalse();
    }

    @Test
    void listsRotationsInPages() {
        for (int i = 0; i < 5; i++) {
            kms.call(new KmsRequest.RotateKeyOnDemand(arn));
        }
        String marker = null;
        int pages = 0;
        int entries = 0;
        do {
            KmsResponse.ListKeyRotations page =
                    (KmsResponse.ListKeyRotations) kms.call(new KmsRequest.ListKeyRotations(arn, false, 2, marker));
            entries += page.rotations().size();
            marker = page.nextMarker();
            pages++;
        } while (marker != null);
        assertThat(pages).isEqualTo(3);
        assertThat(entries).isEqualTo(5);
    }

    @Test
    void theManagedKeyRotatesYearly() {
        String managed = kms.describe("alias/aws/s3").arn();
        String material = kms.describe(managed).currentKeyMaterialId();
        kms.pass(Duration.ofDays(366));
        assertThat(kms.service.maintenance().runDue()).isEqualTo(1);
        assertThat(kms.describe(managed).currentKeyMaterialId()).isNotEqualTo(material);
    }
}

package dev.sallyport.kms.service;

import static dev.sallyport.kms.service.TestKms.as;
import static dev.sallyport.kms.service.TestKms.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.Wrapped;
import dev.sallyport.kms.store.Row;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeyDeletionTest {
    private final TestKms kms = new TestKms();
    private final String arn = kms.createKey().arn();

    @Test
    void aKeyWhoseTimeIsUpGoesWithItsMaterialAndAliases() {
        String kept = kms.createKey().arn();
        kms.call(new KmsRequest.CreateAlias("alias/a", arn));
        kms.call(new KmsRequest.RotateKeyOnDemand(arn));
        Wrapped wrapped = kms.service.encrypt(as("admin"), arn, new byte[] {1}, EncryptionContext.EMPTY);
        kms.call(new KmsRequest.ScheduleKeyDeletion(arn, 7));
        kms.pass(Duration.ofDays(7).minusMillis(1));
        assertThat(kms.service.maintenance().runDue()).isZero();
        kms.pass(Duration.ofMillis(1));
        assertThat(kms.service.maintenance().runDue()).isEqualTo(1);
        assertThat(refusal(() -> kms.describe(arn))).hasMessage("Key '" + arn + "' does not exist");
        KmsException refusal =
                refusal(() -> kms.service.decrypt(as("admin"), wrapped.bytes(), EncryptionContext.EMPTY, null));
        assertThat(refusal.code()).isEqualTo(KmsException.Code.ACCESS_DENIED);
        List<Row> left = kms.store.read(rows -> {
            List<Row> all = new java.util.ArrayList<>(rows.scan(KeyRows.MATERIAL, "", null, 100));
            all.addAll(rows.scan(KeyRows.KEY, "", null, 100));
            all.addAll(rows.scan(KeyRows.ALIAS, "", null, 100));
            return all;
        });
        String keptId = kept.substring(kept.indexOf('/') + 1);
        assertThat(left).hasSize(2).allMatch(row -> row.id().contains(keptId));
    }

    @Test
    void cancellingLeavesTheKeyDisabled() {
        kms.call(new KmsRequest.ScheduleKeyDeletion(arn, null));
        KeyMetadata pending = kms.describe(arn);
        assertThat(pending.keyState()).isEqualTo(KeyState.PENDING_DELETION);
        assertThat(pending.deletionDate()).isEqualTo(kms.now().plus(Duration.ofDays(30)));
        kms.call(new KmsRequest.CancelKeyDeletion(arn));
        KeyMetadata cancelled = kms.describe(arn);
        assertThat(cancelled.keyState()).isEqualTo(KeyState.DISABLED);
        assertThat(cancelled.deletionDate()).isNull();
        kms.pass(Duration.ofDays(31));
        assertThat(kms.service.maintenance().runDue()).isZero();
    }

    @Test
    void theWaitingTimeIsSevenToThirtyDays() {
        for (int days : new int[] {1, 6, 31, 365}) {
            assertThat(refusal(() -> kms.call(new KmsRequest.ScheduleKeyDeletion(arn, days)))
                            .code())
                    .isEqualTo(KmsException.Code.VALIDATION);
        }
        kms.call(new KmsRequest.ScheduleKeyDeletion(arn, 7));
    }
}

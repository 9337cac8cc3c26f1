package dev.sallyport.kms.service;

import static dev.sallyport.kms.service.TestKms.as;
import static dev.sallyport.kms.service.TestKms.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.store.Row;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Material at rest, changed by whoever can write rows: it opens under its own row and as it was, or not at all. */
class KeyMaterialsTest {
    private final TestKms kms = new TestKms();
    private final String arn = kms.createKey().arn();
    private final byte[] wrapped = kms.service
            .encrypt(as("admin"), arn, new byte[] {1}, EncryptionContext.EMPTY)
            .bytes();

    private Row row() {
        return kms.store
                .read(rows -> rows.scan(
                        KeyRows.MATERIAL,
                        KeyRows.scope(TestKms.ACCOUNT, TestKms.REGION) + arn.substring(arn.indexOf('/') + 1),
                        null,
                        1))
                .getFirst();
    }

    private void replace(byte[] payload) {
        Row row = row();
        kms.store.write(rows -> {
            rows.put(new Row(row.kind(), row.id(), row.index(), payload));
            return true;
        });
        // a new process: nothing in memory
        kms.service.close();
    }

    private void decrypt() {
        kms.service.decrypt(as("admin"), wrapped, EncryptionContext.EMPTY, null).close();
    }

    @Test
    void theSameBytesWrittenBackOpen() {
        replace(row().payload());
        decrypt();
    }

    @Test
    void noFlippedBitOpens() {
        byte[] payload = row().payload();
        for (int i = 0; i < payload.length; i++) {
            byte[] flipped = payload.clone();
            flipped[i] ^= 1;
            replace(flipped);
            assertThat(refusal(this::decrypt).code()).as("byte %s", i).isEqualTo(KmsException.Code.INTERNAL);
        }
        replace(payload);
        decrypt();
    }

    @Test
    void materialOfAnotherKeyDoesNotOpen() {
        kms.createKey();
        byte[] own = row().payload();
        List<Row> all = kms.store.read(rows -> rows.scan(KeyRows.MATERIAL, "", null, 10));
        assertThat(all).hasSize(2);
        String ownId = row().id();
        Row other =
                all.stream().filter(row -> !row.id().equals(ownId)).findFirst().orElseThrow();
        replace(other.payload());
        assertThat(refusal(this::decrypt).code()).isEqualTo(KmsException.Code.INTERNAL);
        replace(own);
        decrypt();
    }
}

package dev.sallyport.kms.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sallyport.kms.crypto.AesGcm;
import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.kms.seal.RootKey;
import dev.sallyport.kms.seal.SealException;
import dev.sallyport.kms.seal.SealSecret;
import dev.sallyport.kms.seal.Seals;
import dev.sallyport.kms.store.StoreException.Reason;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Instant;

/**
 * Arbitrary bytes as a backup, and as what is sealed in one: it is read, or refused. Without JAZZER_FUZZ=1 in the environment
 * the committed inputs are replayed only.
 */
class BackupFuzzTest {
    private static final RootKey ROOT = RootKey.generate();
    private static final byte[] SEALS;

    static {
        try (SealSecret secret = secret()) {
            SEALS = Seals.create(ROOT, secret, Instant.ofEpochSecond(1_700_000_000))
                    .toJson();
        }
    }

    private static SealSecret secret() {
        return SealSecret.key(new byte[SealSecret.KEY_FILE_LENGTH]);
    }

    @FuzzTest(maxDuration = "2m")
    void files(byte[] backup) throws IOException {
        read(backup);
    }

    @FuzzTest(maxDuration = "2m")
    void records(FuzzedDataProvider data) throws IOException {
        byte[] header = BackupFormat.header(SEALS, new byte[BackupFormat.NONCE]);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes);
                SecretBytes key = BackupFormat.key(ROOT, header)) {
            out.write(header);
            int frames = data.consumeInt(1, 4);
            for (int i = 0; i < frames; i++) {
                byte[] plaintext =
                        i == frames - 1 ? data.consumeRemainingAsBytes() : data.consumeBytes(data.consumeInt(0, 200));
                boolean last = i == frames - 1;
                byte[] frame = AesGcm.seal(key, BackupFormat.frameNonce(i, last), new byte[0], plaintext);
                out.writeInt(frame.length);
                out.write(frame);
            }
        }
        read(bytes.toByteArray());
    }

    private static void read(byte[] backup) throws IOException {
        long[] rows = new long[1];
        try (SealSecret secret = secret();
                BackupReader reader = new BackupReader(new ByteArrayInputStream(backup), secret)) {
            byte[] state = reader.readAll(row -> {
                assertThat(row.sealed().length).isLessThanOrEqualTo(BackupFormat.MAX_SEALED);
                rows[0]++;
            });
            assertThat(state.length).isLessThanOrEqualTo(BackupFormat.MAX_SEALED);
        } catch (StoreException e) {
            assertThat(e.reason()).isEqualTo(Reason.BAD_BACKUP);
        } catch (SealException e) {
            assertThat(e.getMessage()).doesNotContain("\n");
        }
    }
}

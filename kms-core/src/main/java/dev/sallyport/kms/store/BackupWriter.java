package dev.sallyport.kms.store;

import dev.sallyport.kms.crypto.AesGcm;
import dev.sallyport.kms.crypto.RandomBytes;
import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.kms.seal.RootKey;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Writes one backup: the seals in the clear, then everything else in sealed frames. */
final class BackupWriter implements AutoCloseable {
    private final DataOutputStream out;
    private final SecretBytes key;
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
    private final DataOutputStream records = new DataOutputStream(pending);
    private long frames;
    private long rows;

    BackupWriter(OutputStream out, RootKey root, byte[] seals) throws IOException {
        this.out = new DataOutputStream(out);
        byte[] header = BackupFormat.header(seals, RandomBytes.of(BackupFormat.NONCE));
        key = BackupFormat.key(root, header);
        this.out.write(header);
    }

    void state(byte[] sealed) throws IOException {
        records.writeByte(BackupFormat.STATE);
        bytes(sealed);
        flushFullFrames();
    }

    void row(SealedRow row) throws IOException {
        records.writeByte(BackupFormat.ROW);
        string(row.kind());
        string(row.id());
        @Nullable String index = row.index();
        records.writeBoolean(index != null);
        if (index != null) {
            string(index);
        }
        bytes(row.sealed());
        rows++;
        flushFullFrames();
    }

    /** Writes the last frame; a backup without it does not open. Does not close the stream. */
    void finish() throws IOException {
        records.writeByte(BackupFormat.END);
        records.writeLong(rows);
        flushFullFrames();
        frame(pending.toByteArray(), true);
        out.flush();
    }

    private void string(String text) throws IOException {
        bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    private void bytes(byte[] bytes) throws IOException {
        records.writeInt(bytes.length);
        records.write(bytes);
    }

    private void flushFullFrames() throws IOException {
        if (pending.size() <= BackupFormat.FRAME) {
            return;
        }
        byte[] bytes = pending.toByteArray();
        int start = 0;
        for (; bytes.length - start > BackupFormat.FRAME; start += BackupFormat.FRAME) {
            frame(Arrays.copyOfRange(bytes, start, start + BackupFormat.FRAME), false);
        }
        pending.reset();
        pending.write(bytes, start, bytes.length - start);
    }

    private void frame(byte[] plaintext, boolean last) throws IOException {
        byte[] sealed = AesGcm.seal(key, BackupFormat.frameNonce(frames++, last), new byte[0], plaintext);
        out.writeInt(sealed.length);
        out.write(sealed);
    }

    @Override
    public void close() {
        key.close();
    }
}

package dev.sallyport.kms.store;

import dev.sallyport.kms.crypto.AesGcm;
import dev.sallyport.kms.crypto.AuthenticationFailedException;
import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.kms.seal.RootKey;
import dev.sallyport.kms.seal.SealSecret;
import dev.sallyport.kms.seal.Seals;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads one backup, authenticating every frame before anything in it is used. */
final class BackupReader implements AutoCloseable {
    private final DataInputStream in;
    private final byte[] seals;
    private final RootKey root;
    private final SecretBytes key;
    private final DataInputStream records = new DataInputStream(new Plaintext());
    private long frames;
    private boolean last;

    /**
     * Reads the header and opens a seal.
     *
     * @throws StoreException {@code BAD_BACKUP}
     * @throws dev.sallyport.kms.seal.SealException when the secret opens none of its seals
     */
    BackupReader(InputStream stream, SealSecret secret) throws IOException {
        in = new DataInputStream(stream);
        byte[] magic = in.readNBytes(BackupFormat.MAGIC.length);
        if (!Arrays.equals(magic, BackupFormat.MAGIC)) {
            throw BackupFormat.bad("it is no backup of a key store");
        }
        try {
            short version = in.readShort();
            if (version != BackupFormat.VERSION) {
                throw BackupFormat.bad("its version " + version + " is not one that this program reads");
            }
            int length = in.readInt();
            if (length < 0 || length > Seals.MAX_JSON) {
                throw BackupFormat.bad("its header is damaged");
            }
            seals = new byte[length];
            in.readFully(seals);
            byte[] nonce = new byte[BackupFormat.NONCE];
            in.readFully(nonce);
            root = Seals.parse(seals).open(secret);
            key = BackupFormat.key(root, BackupFormat.header(seals, nonce));
        } catch (EOFException e) {
            throw BackupFormat.bad("it is cut short");
        }
    }

    RootKey root() {
        return root;
    }

    byte[] seals() {
        return seals;
    }

    /**
     * Reads all records; the caller must undo what it did with them when this throws.
     *
     * @return the sealed state of the store
     * @throws StoreException {@code BAD_BACKUP}
     */
    byte[] readAll(Consumer<SealedRow> rows) throws IOException {
        try {
            if (records.readByte() != BackupFormat.STATE) {
                throw BackupFormat.bad("its first record is damaged");
            }
            byte[] state = bytes(BackupFormat.MAX_SEALED);
            long count = 0;
            for (byte type = records.readByte(); type != BackupFormat.END; type = records.readByte()) {
                if (type != BackupFormat.ROW) {
                    throw BackupFormat.bad("it holds an unknown record");
                }
                rows.accept(row());
                count++;
            }
            if (records.readLong() != count) {
                throw BackupFormat.bad("it does not hold as many rows as it says");
            }
            if (records.read() >= 0 || in.read() >= 0) {
                throw BackupFormat.bad("something follows its end");
            }
            return state;
        } catch (EOFException e) {
            throw BackupFormat.bad("it is cut short");
        }
    }

    private SealedRow row() throws IOException {
        String kind = string();
        String id = string();
        @Nullable String index = records.readBoolean() ? string() : null;
        return new SealedRow(kind, id, index, bytes(BackupFormat.MAX_SEALED));
    }

    private String string() throws IOException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes(8 * 1024)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw BackupFormat.bad("it holds text that is not UTF-8");
        }
    }

    private byte[] bytes(int limit) throws IOException {
        int length = records.readInt();
        if (length < 0 || length > limit) {
            throw BackupFormat.bad("it holds a field that is too long");
        }
        byte[] bytes = new byte[length];
        records.readFully(bytes);
        return bytes;
    }

    private byte[] frame() throws IOException {
        int length = in.readInt();
        if (length < AesGcm.TAG_BYTES || length > BackupFormat.FRAME + AesGcm.TAG_BYTES) {
            throw BackupFormat.bad("a frame's length is damaged");
        }
        byte[] sealed = new byte[length];
        in.readFully(sealed);
        try {
            return AesGcm.open(key, BackupFormat.frameNonce(frames, false), new byte[0], sealed);
        } catch (AuthenticationFailedException notInTheMiddle) {
            try {
                byte[] plaintext = AesGcm.open(key, BackupFormat.frameNonce(frames, true), new byte[0], sealed);
                last = true;
                return plaintext;
            } catch (AuthenticationFailedException e) {
                throw BackupFormat.bad("it was altered");
            }
        }
    }

    @Override
    public void close() {
        key.close();
        root.close();
    }

    /** The frames' plaintext as one stream, which ends after the last frame. */
    private final class Plaintext extends InputStream {
        private InputStream current = InputStream.nullInputStream();

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            while (true) {
                int count = current.read(buffer, offset, length);
                if (count >= 0) {
                    return count;
                }
                if (last) {
                    return -1;
                }
                current = new ByteArrayInputStream(frame());
                frames++;
            }
        }
    }
}

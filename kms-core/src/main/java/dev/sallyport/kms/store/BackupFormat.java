package dev.sallyport.kms.store;

import dev.sallyport.kms.crypto.AesGcm;
import dev.sallyport.kms.crypto.Digests;
import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.kms.seal.RootKey;
import dev.sallyport.kms.store.StoreException.Reason;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** What writer and reader of a backup share; the bytes are specified in {@code kms-core/docs/backup.md}. */
final class BackupFormat {
    static final byte[] MAGIC = "SALLYKSB".getBytes(StandardCharsets.US_ASCII);
    static final short VERSION = 1;
    static final int NONCE = 32;

    /** Plaintext of every frame but the last. */
    static final int FRAME = 64 * 1024;

    static final byte STATE = 1;
    static final byte ROW = 2;
    static final byte END = 3;

    /** No sealed row is longer. */
    static final int MAX_SEALED = (1 << 20) + 1024;

    private BackupFormat() {}

    /** Everything before the frames. */
    static byte[] header(byte[] seals, byte[] nonce) {
        return ByteBuffer.allocate(MAGIC.length + 2 + 4 + seals.length + NONCE)
                .put(MAGIC)
                .putShort(VERSION)
                .putInt(seals.length)
                .put(seals)
                .put(nonce)
                .array();
    }

    /** A key for one backup: the header, its random nonce with it, is part of the derivation. */
    static SecretBytes key(RootKey root, byte[] header) {
        return root.derive("sallyport/backup/v1", Digests.sha256(header), AesGcm.KEY_BYTES);
    }

    /** The counter of frames in 88 bits, and whether this is the last. */
    static byte[] frameNonce(long counter, boolean last) {
        return ByteBuffer.allocate(AesGcm.NONCE_BYTES)
                .put(new byte[3])
                .putLong(counter)
                .put((byte) (last ? 1 : 0))
                .array();
    }

    static StoreException bad(String what) {
        return new StoreException(Reason.BAD_BACKUP, "the backup is not usable: " + what);
    }
}

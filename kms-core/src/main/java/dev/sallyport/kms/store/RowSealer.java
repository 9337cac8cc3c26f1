package dev.sallyport.kms.store;

import dev.sallyport.kms.crypto.AesGcm;
import dev.sallyport.kms.crypto.AuthenticationFailedException;
import dev.sallyport.kms.crypto.Digests;
import dev.sallyport.kms.crypto.Hmac;
import dev.sallyport.kms.crypto.Kbkdf;
import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.kms.seal.RootKey;
import dev.sallyport.kms.store.StoreException.Reason;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Seals and opens rows, and computes what each adds to the hash over all of them.
 *
 * <p>Every sealing has a key of its own, derived by KBKDF from the store's row key and a fresh 128-bit nonce; the AES-GCM
 * nonce is therefore a constant, and no number of writes nears a limit of GCM. The row's identity is the additional
 * authenticated data: kind, id and index, each with its length.
 */
final class RowSealer implements AutoCloseable {
    static final int OVERHEAD = 1 + 16 + AesGcm.TAG_BYTES;
    private static final byte VERSION = 1;
    private static final int NONCE = 16;
    private static final byte[] ROW_LABEL = "sallyport/row/v1".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] ELEMENT_LABEL = "sallyport/element/v1".getBytes(StandardCharsets.US_ASCII);
    private static final SecureRandom RANDOM = new SecureRandom();

    private final SecretBytes rowKey;
    private final SecretBytes elementKey;
    private final SecretBytes digestKey;

    RowSealer(RootKey root) {
        rowKey = root.derive("sallyport/store-rows/v1", new byte[0], 32);
        elementKey = root.derive("sallyport/store-elements/v1", new byte[0], 32);
        digestKey = root.derive("sallyport/store-digest/v1", new byte[0], 32);
    }

    byte[] seal(Row row) {
        byte[] payload = row.payload();
        try {
            return sealWith(identity(row.kind(), row.id(), row.index()), payload);
        } finally {
            Arrays.fill(payload, (byte) 0);
        }
    }

    /**
     * Opens a row as the database has it.
     *
     * @throws StoreException {@code CORRUPT}, naming the row
     */
    Row open(String kind, String id, @Nullable String index, byte[] sealed) {
        byte @Nullable [] payload = openWith(identity(kind, id, index), sealed);
        if (payload == null) {
            throw damaged(kind, id);
        }
        try {
            return new Row(kind, id, index, payload);
        } catch (IllegalArgumentException e) {
            throw damaged(kind, id);
        } finally {
            Arrays.fill(payload, (byte) 0);
        }
    }

    static StoreException damaged(String kind, String id) {
        return new StoreException(
                Reason.CORRUPT,
                "key store row " + kind + " '" + printable(id)
                        + "' is damaged: restore a backup (`sallyport keystore restore`)");
    }

    /** What this row, in this sealing, adds to the hash over all rows: 64 bytes that look random without the key. */
    byte[] element(String kind, String id, @Nullable String index, byte[] sealed) {
        byte[] identity = identity(kind, id, index);
        byte[] hash = Digests.sha256(sealed);
        byte[] context = ByteBuffer.allocate(identity.length + hash.length)
                .put(identity)
                .put(hash)
                .array();
        try (SecretBytes element = Kbkdf.counterHmacSha256(elementKey, ELEMENT_LABEL, context, RowSetHash.LENGTH)) {
            return element.exposeCopy();
        }
    }

    /** HMAC under the store's digest key. */
    byte[] mac(byte[] message) {
        return Hmac.sha256(digestKey, message);
    }

    byte[] sealWith(byte[] aad, byte[] plaintext) {
        byte[] nonce = new byte[NONCE];
        RANDOM.nextBytes(nonce);
        try (SecretBytes key = Kbkdf.counterHmacSha256(rowKey, ROW_LABEL, nonce, AesGcm.KEY_BYTES)) {
            byte[] sealed = AesGcm.seal(key, new byte[AesGcm.NONCE_BYTES], aad, plaintext);
            return ByteBuffer.allocate(1 + NONCE + sealed.length)
                    .put(VERSION)
                    .put(nonce)
                    .put(sealed)
                    .array();
        }
    }

    /** The plaintext, or null when it does not open. */
    byte @Nullable [] openWith(byte[] aad, byte[] sealed) {
        if (sealed.length < OVERHEAD || sealed[0] != VERSION) {
            return null;
        }
        byte[] nonce = Arrays.copyOfRange(sealed, 1, 1 + NONCE);
        try (SecretBytes key = Kbkdf.counterHmacSha256(rowKey, ROW_LABEL, nonce, AesGcm.KEY_BYTES)) {
            return AesGcm.open(
                    key, new byte[AesGcm.NONCE_BYTES], aad, Arrays.copyOfRange(sealed, 1 + NONCE, sealed.length));
        } catch (AuthenticationFailedException e) {
            return null;
        }
    }

    /** {@code "row"}, then kind, id and index, each with its length in 32 bits; a row without index has the length -1. */
    static byte[] identity(String kind, String id, @Nullable String index) {
        byte[] kindBytes = kind.getBytes(StandardCharsets.UTF_8);
        byte[] idBytes = id.getBytes(StandardCharsets.UTF_8);
        byte[] indexBytes = index == null ? new byte[0] : index.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(3 + 12 + kindBytes.length + idBytes.length + indexBytes.length)
                .put((byte) 'r')
                .put((byte) 'o')
                .put((byte) 'w')
                .putInt(kindBytes.length)
                .put(kindBytes)
                .putInt(idBytes.length)
                .put(idBytes)
                .putInt(index == null ? -1 : indexBytes.length)
                .put(indexBytes)
                .array();
    }

    /** An id that came from the file, fit for one line of a terminal. */
    static String printable(String text) {
        String line = text.codePoints()
                .map(c -> c >= 0x20 && c < 0x7f ? c : '?')
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        return line.length() > 200 ? line.substring(0, 200) + "…" : line;
    }

    @Override
    public void close() {
        rowKey.close();
        elementKey.close();
        digestKey.close();
    }
}

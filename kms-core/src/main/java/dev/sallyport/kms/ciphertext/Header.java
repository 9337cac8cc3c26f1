package dev.sallyport.kms.ciphertext;

import dev.sallyport.kms.crypto.AesGcm;
import dev.sallyport.kms.crypto.AuthenticationFailedException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The part of a blob before its ciphertext, as it stands there: nothing in it is authenticated until the blob is opened.
 */
public final class Header {
    /** Length of a key-material id. */
    static final int MATERIAL_ID_BYTES = 32;

    static final int NONCE_BYTES = 16;
    static final int COMMITMENT_BYTES = 32;
    static final int MAX_KEY_ID = 64;

    private static final byte[] MAGIC = {'S', 'P', 'K', 'B'};
    private static final byte VERSION = 1;
    private static final int FIXED_BEFORE_ID = MAGIC.length + 3;
    private static final int FIXED_AFTER_ID = MATERIAL_ID_BYTES + NONCE_BYTES + AesGcm.NONCE_BYTES + COMMITMENT_BYTES;

    private final String keyId;
    private final String materialId;
    private final byte[] bytes;

    private Header(String keyId, String materialId, byte[] bytes) {
        this.keyId = keyId;
        this.materialId = materialId;
        this.bytes = bytes;
    }

    /** The id of the KMS key: a UUID, or {@code mrk-} and 32 hex digits. */
    public String keyId() {
        return keyId;
    }

    /** The id of the key material, as the API shows it: 64 lower-case hex digits. */
    public String materialId() {
        return materialId;
    }

    /** A header with a commitment still of zeros. */
    static Header create(String keyId, String materialId, byte[] nonce, byte[] iv) {
        byte[] id = keyId.getBytes(StandardCharsets.UTF_8);
        byte[] material = HexFormat.of().parseHex(materialId);
        if (!validKeyId(id)
                || material.length != MATERIAL_ID_BYTES
                || !hex(material).equals(materialId)) {
            throw new IllegalArgumentException("not a key id and a key-material id");
        }
        byte[] bytes = ByteBuffer.allocate(FIXED_BEFORE_ID + id.length + FIXED_AFTER_ID)
                .put(MAGIC)
                .put(VERSION)
                .put(Suite.AES_256_GCM_COMMITTED.code())
                .put((byte) id.length)
                .put(id)
                .put(material)
                .put(nonce)
                .put(iv)
                .array();
        return new Header(keyId, materialId, bytes);
    }

    /** Reads the header of a blob, and checks that a tag and no more than the longest ciphertext can follow. */
    static Header parse(byte[] blob) {
        if (blob.length > CiphertextBlob.MAX_BLOB || blob.length < FIXED_BEFORE_ID) {
            throw new AuthenticationFailedException();
        }
        int idLength = blob[FIXED_BEFORE_ID - 1];
        int length = FIXED_BEFORE_ID + idLength + FIXED_AFTER_ID;
        if (!Arrays.equals(blob, 0, MAGIC.length, MAGIC, 0, MAGIC.length)
                || blob[MAGIC.length] != VERSION
                || blob[MAGIC.length + 1] != Suite.AES_256_GCM_COMMITTED.code()
                || idLength < 1
                || idLength > MAX_KEY_ID
                || blob.length < length + AesGcm.TAG_BYTES
                || blob.length > length + AesGcm.TAG_BYTES + CiphertextBlob.MAX_PLAINTEXT) {
            throw new AuthenticationFailedException();
        }
        byte[] id = Arrays.copyOfRange(blob, FIXED_BEFORE_ID, FIXED_BEFORE_ID + idLength);
        if (!validKeyId(id)) {
            throw new AuthenticationFailedException();
        }
        int material = FIXED_BEFORE_ID + idLength;
        return new Header(
                new String(id, StandardCharsets.US_ASCII),
                hex(Arrays.copyOfRange(blob, material, material + MATERIAL_ID_BYTES)),
                Arrays.copyOf(blob, length));
    }

    int length() {
        return bytes.length;
    }

    /** The whole header, commitment included. Not a copy. */
    byte[] bytes() {
        return bytes;
    }

    /** Everything before the commitment: what the keys of the message are derived from. */
    byte[] beforeCommitment() {
        return Arrays.copyOf(bytes, bytes.length - COMMITMENT_BYTES);
    }

    byte[] iv() {
        int end = bytes.length - COMMITMENT_BYTES;
        return Arrays.copyOfRange(bytes, end - AesGcm.NONCE_BYTES, end);
    }

    byte[] commitment() {
        return Arrays.copyOfRange(bytes, bytes.length - COMMITMENT_BYTES, bytes.length);
    }

    void setCommitment(byte[] commitment) {
        System.arraycopy(commitment, 0, bytes, bytes.length - COMMITMENT_BYTES, COMMITMENT_BYTES);
    }

    private static boolean validKeyId(byte[] id) {
        if (id.length < 1 || id.length > MAX_KEY_ID) {
            return false;
        }
        for (byte b : id) {
            boolean letter = (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z');
            boolean digit = b >= '0' && b <= '9';
            if (!letter && !digit && b != '-') {
                return false;
            }
        }
        return true;
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}

package dev.sallyport.kms.ciphertext;

import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.crypto.AesGcm;
import dev.sallyport.kms.crypto.AuthenticationFailedException;
import dev.sallyport.kms.crypto.ConstantTime;
import dev.sallyport.kms.crypto.Digests;
import dev.sallyport.kms.crypto.Kbkdf;
import dev.sallyport.kms.crypto.RandomBytes;
import dev.sallyport.kms.crypto.SecretBytes;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Seals and opens ciphertext blobs: AES-256-GCM under a key that is derived for each message from the key material, with a
 * commitment to that key, bound to the header and to the encryption context. Specified in {@code docs/ciphertext-blob.md}.
 */
public final class CiphertextBlob {
    /** Longest plaintext, as of AWS KMS's Encrypt. */
    public static final int MAX_PLAINTEXT = 4_096;

    /** Longest blob that is looked at, as of AWS KMS's Decrypt. */
    public static final int MAX_BLOB = 6_144;

    private static final byte[] LABEL = "sallyport/v1/ciphertext-blob".getBytes(StandardCharsets.US_ASCII);

    private CiphertextBlob() {}

    /**
     * A blob of {@code plaintext} (0 to 4,096 bytes, which the caller wipes).
     *
     * @param keyMaterial 32 bytes
     * @param keyId id of the KMS key: 1 to 64 ASCII letters, digits and hyphens
     * @param materialId id of the key material: 64 lower-case hex digits
     */
    public static byte[] seal(
            SecretBytes keyMaterial, String keyId, String materialId, EncryptionContext context, byte[] plaintext) {
        return seal(
                keyMaterial,
                Header.create(
                        keyId, materialId, RandomBytes.of(Header.NONCE_BYTES), RandomBytes.of(AesGcm.NONCE_BYTES)),
                context,
                plaintext);
    }

    /** A blob of a secret. */
    public static byte[] seal(
            SecretBytes keyMaterial,
            String keyId,
            String materialId,
            EncryptionContext context,
            SecretBytes plaintext) {
        return plaintext.use(bytes -> seal(keyMaterial, keyId, materialId, context, bytes));
    }

    /** The same with a given header, so that vectors can be made. */
    static byte[] seal(SecretBytes keyMaterial, Header header, EncryptionContext context, byte[] plaintext) {
        if (plaintext.length > MAX_PLAINTEXT) {
            throw new IllegalArgumentException("a plaintext has at most 4096 bytes, not " + plaintext.length);
        }
        requireMaterial(keyMaterial);
        byte[] canonicalContext = context.canonicalBytes();
        try (SecretBytes derived = derive(keyMaterial, header, canonicalContext);
                SecretBytes key = derived.slice(0, AesGcm.KEY_BYTES);
                SecretBytes commitment = derived.slice(AesGcm.KEY_BYTES, Header.COMMITMENT_BYTES)) {
            header.setCommitment(commitment.exposeCopy());
            byte[] sealed = AesGcm.seal(key, header.iv(), concat(header.bytes(), canonicalContext), plaintext);
            return concat(header.bytes(), sealed);
        }
    }

    /**
     * The header, which tells which key and material open the blob. It proves nothing.
     *
     * @throws AuthenticationFailedException when this is no blob
     */
    public static Header parse(byte[] blob) {
        return Header.parse(blob);
    }

    /**
     * The plaintext.
     *
     * @throws AuthenticationFailedException when the blob was not sealed with this material and context, or is malformed:
     *     nothing tells these apart
     */
    public static SecretBytes open(SecretBytes keyMaterial, byte[] blob, EncryptionContext context) {
        requireMaterial(keyMaterial);
        Header header = Header.parse(blob);
        byte[] canonicalContext = context.canonicalBytes();
        try (SecretBytes derived = derive(keyMaterial, header, canonicalContext);
                SecretBytes key = derived.slice(0, AesGcm.KEY_BYTES);
                SecretBytes commitment = derived.slice(AesGcm.KEY_BYTES, Header.COMMITMENT_BYTES)) {
            if (!commitment.use(expected -> ConstantTime.equals(expected, header.commitment()))) {
                throw new AuthenticationFailedException();
            }
            byte[] sealed = Arrays.copyOfRange(blob, header.length(), blob.length);
            return SecretBytes.takeOver(
                    AesGcm.open(key, header.iv(), concat(header.bytes(), canonicalContext), sealed));
        }
    }

    /** 32 bytes of key, then 32 of commitment. */
    static SecretBytes derive(SecretBytes keyMaterial, Header header, byte[] canonicalContext) {
        byte[] kdfContext = concat(header.beforeCommitment(), Digests.sha256(canonicalContext));
        return Kbkdf.counterHmacSha256(keyMaterial, LABEL, kdfContext, AesGcm.KEY_BYTES + Header.COMMITMENT_BYTES);
    }

    private static void requireMaterial(SecretBytes keyMaterial) {
        if (keyMaterial.length() != AesGcm.KEY_BYTES) {
            throw new IllegalArgumentException("symmetric key material has 32 bytes, not " + keyMaterial.length());
        }
    }

    private static byte[] concat(byte[] left, byte[] right) {
        byte[] both = Arrays.copyOf(left, left.length + right.length);
        System.arraycopy(right, 0, both, left.length, right.length);
        return both;
    }
}

package dev.sallyport.kms.envelope;

import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.ciphertext.CiphertextBlob;
import dev.sallyport.kms.crypto.AuthenticationFailedException;
import dev.sallyport.kms.crypto.Kbkdf;
import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.kms.seal.SealSecret;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;

/**
 * A master key in a local file of 32 random bytes. Envelopes name it by a fingerprint that tells nothing else of it. Closing
 * wipes this object's copy.
 */
public final class KeyFileMasterKey implements MasterKey, AutoCloseable {
    private static final byte[] LABEL = "sallyport/v1/key-file-id".getBytes(StandardCharsets.US_ASCII);
    private static final int KEY_BYTES = 32;
    private static final int ID_BYTES = 16;
    private static final int MATERIAL_ID_BYTES = 32;

    private final SecretBytes key;
    private final String id;
    private final String materialId;

    /** @param key 32 bytes, of which this keeps a copy */
    public KeyFileMasterKey(SecretBytes key) {
        if (key.length() != KEY_BYTES) {
            throw new IllegalArgumentException("a key file has 32 bytes, not " + key.length());
        }
        this.key = key.slice(0, KEY_BYTES);
        try (SecretBytes ids = Kbkdf.counterHmacSha256(key, LABEL, new byte[0], ID_BYTES + MATERIAL_ID_BYTES)) {
            byte[] bytes = ids.exposeCopy();
            id = "file-" + HexFormat.of().formatHex(bytes, 0, ID_BYTES);
            materialId = HexFormat.of().formatHex(bytes, ID_BYTES, bytes.length);
        }
    }

    /**
     * The key of a file.
     *
     * @param file exactly 32 bytes, closed to group and others
     * @throws dev.sallyport.kms.seal.SealException when it is not, or cannot be read
     */
    public static KeyFileMasterKey read(Path file) {
        try (SealSecret secret = SealSecret.keyFile(file);
                SecretBytes key = SecretBytes.takeOver(secret.exposeCopy())) {
            return new KeyFileMasterKey(key);
        }
    }

    /** What envelopes call it: {@code file-} and 32 hex digits. */
    public String id() {
        return id;
    }

    @Override
    public KeyWrap wrap(SecretBytes dataKey, EncryptionContext context) {
        return new KeyWrap(KeyWrap.KEY_FILE, id, CiphertextBlob.seal(key, id, materialId, context, dataKey));
    }

    @Override
    public boolean accepts(KeyWrap wrap) {
        return wrap.provider() == KeyWrap.KEY_FILE && wrap.keyId().equals(id);
    }

    @Override
    public SecretBytes unwrap(KeyWrap wrap, EncryptionContext context) {
        if (!accepts(wrap)) {
            throw new AuthenticationFailedException();
        }
        return CiphertextBlob.open(key, wrap.bytes(), context);
    }

    @Override
    public void close() {
        key.close();
    }
}

package dev.sallyport.kms.crypto;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Objects;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;

/**
 * AES-256-GCM in one direction for many messages under one key, for the data path: one JCA cipher, initialised anew for
 * each message, and heap arrays, which Corretto's provider handles fastest. For one thread at a time.
 */
public final class AesGcmCipher implements AutoCloseable {
    private static final int TAG_BITS = 8 * AesGcm.TAG_BYTES;

    private final int mode;
    private final Cipher cipher;
    private final RawKey key;

    private AesGcmCipher(int mode, SecretBytes key) {
        if (key.length() != AesGcm.KEY_BYTES) {
            throw new IllegalArgumentException("an AES-256 key has 32 bytes, not " + key.length());
        }
        this.mode = mode;
        try {
            cipher = Providers.current().cipher("AES/GCM/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM is not available", e);
        }
        this.key = new RawKey("AES", key.exposeCopy());
    }

    /** A cipher that encrypts. */
    public static AesGcmCipher sealing(SecretBytes key) {
        return new AesGcmCipher(Cipher.ENCRYPT_MODE, key);
    }

    /** A cipher that decrypts and verifies. */
    public static AesGcmCipher opening(SecretBytes key) {
        return new AesGcmCipher(Cipher.DECRYPT_MODE, key);
    }

    /**
     * Seals or opens one message. When it fails, the part of {@code dst} that the result would have filled is zeroed.
     *
     * @param nonce 12 bytes, never used before to seal under this key
     * @return the number of bytes written: {@code length} plus or minus 16
     * @throws AuthenticationFailedException when opening, if the message was not sealed so
     */
    public int apply(byte[] nonce, byte[] aad, byte[] src, int offset, int length, byte[] dst, int dstOffset) {
        if (nonce.length != AesGcm.NONCE_BYTES) {
            throw new IllegalArgumentException("a nonce has 12 bytes, not " + nonce.length);
        }
        boolean opening = mode == Cipher.DECRYPT_MODE;
        if (opening && length < AesGcm.TAG_BYTES) {
            throw new AuthenticationFailedException();
        }
        int result = opening ? length - AesGcm.TAG_BYTES : Math.addExact(length, AesGcm.TAG_BYTES);
        Objects.checkFromIndexSize(offset, length, src.length);
        Objects.checkFromIndexSize(dstOffset, result, dst.length);
        boolean done = false;
        try {
            cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
            if (aad.length > 0) {
                cipher.updateAAD(aad);
            }
            int written = cipher.doFinal(src, offset, length, dst, dstOffset);
            if (written != result) {
                throw new IllegalStateException("AES-GCM gave " + written + " bytes for " + result);
            }
            done = true;
            return written;
        } catch (AEADBadTagException e) {
            throw new AuthenticationFailedException();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM failed", e);
        } finally {
            if (!done) {
                Arrays.fill(dst, dstOffset, dstOffset + result, (byte) 0);
            }
        }
    }

    /** Zeroes this object's copy of the key; closing twice is harmless. */
    @Override
    public void close() {
        key.destroy();
    }
}

package dev.sallyport.volume.luks;

import dev.sallyport.kms.crypto.SecretBytes;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES-XTS over whole sectors with plain64 tweaks, as dm-crypt's {@code aes-xts-plain64}: the tweak of a sector is its
 * number in units of 512 bytes, little-endian, whatever the sector's size.
 *
 * <p>Built on the JDK's AES in ECB, which its intrinsics run over many blocks at once: one call encrypts the tweaks of all
 * sectors, the tweak of each block is doubled from the one before, and a second call does the data. Every AES-XTS provider
 * that was measured is slower than this. Not safe for use by several threads: each has its own, or takes turns.
 *
 * @see <a href="https://doi.org/10.1109/IEEESTD.2019.8637988">IEEE 1619-2018</a>
 */
public final class XtsCipher implements AutoCloseable {
    /** Bytes that one call of the cipher takes; more are done in several. */
    private static final int BATCH = 64 * 1024;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final int sectorSize;
    private final Cipher encrypt;
    private final Cipher decrypt;
    private final Cipher tweak;
    private byte[] tweaks = new byte[0];
    private byte[] masked = new byte[0];
    private byte[] bases = new byte[0];

    /**
     * @param key both halves: 32 bytes for AES-128, 64 for AES-256
     * @param sectorSize 512, 1024, 2048 or 4096
     */
    public XtsCipher(SecretBytes key, int sectorSize) {
        if (key.length() != 32 && key.length() != 64) {
            throw new LuksException("an aes-xts key has 256 or 512 bits, this one " + key.length() * 8L);
        }
        if (sectorSize < 512 || sectorSize > 4096 || Integer.bitCount(sectorSize) != 1) {
            throw new LuksException("sector size " + sectorSize);
        }
        this.sectorSize = sectorSize;
        int half = key.length() / 2;
        byte[] bytes = key.exposeCopy();
        try {
            SecretKeySpec data = new SecretKeySpec(bytes, 0, half, "AES");
            SecretKeySpec second = new SecretKeySpec(bytes, half, half, "AES");
            encrypt = Cipher.getInstance("AES/ECB/NoPadding", "SunJCE");
            encrypt.init(Cipher.ENCRYPT_MODE, data);
            decrypt = Cipher.getInstance("AES/ECB/NoPadding", "SunJCE");
            decrypt.init(Cipher.DECRYPT_MODE, data);
            tweak = Cipher.getInstance("AES/ECB/NoPadding", "SunJCE");
            tweak.init(Cipher.ENCRYPT_MODE, second);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES/ECB/NoPadding", e);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    public int sectorSize() {
        return sectorSize;
    }

    /**
     * Encrypts whole sectors in place.
     *
     * @param position where the first one lies in the volume, in bytes; a multiple of the sector size
     */
    public void encrypt(byte[] data, int offset, int length, long position) {
        run(encrypt, data, offset, length, position);
    }

    /** Decrypts whole sectors in place. */
    public void decrypt(byte[] data, int offset, int length, long position) {
        run(decrypt, data, offset, length, position);
    }

    private void run(Cipher cipher, byte[] data, int offset, int length, long position) {
        if (length % sectorSize != 0 || position % sectorSize != 0) {
            throw new IllegalArgumentException("not whole sectors");
        }
        for (int done = 0; done < length; done += BATCH) {
            batch(cipher, data, offset + done, Math.min(BATCH, length - done), position + done);
        }
    }

    private void batch(Cipher cipher, byte[] data, int offset, int length, long position) {
        int sectors = length / sectorSize;
        if (tweaks.length < length) {
            tweaks = new byte[length];
            masked = new byte[length];
            bases = new byte[sectors * 16];
        }
        if (bases.length < sectors * 16) {
            bases = new byte[sectors * 16];
        }
        for (int i = 0; i < sectors; i++) {
            LONGS.set(bases, i * 16, (position + (long) i * sectorSize) >>> 9);
            LONGS.set(bases, i * 16 + 8, 0L);
        }
        try {
            tweak.update(bases, 0, sectors * 16, bases, 0);
            for (int i = 0; i < sectors; i++) {
                tweaksOf(i);
            }
            // into another array first: given one array for both, the JDK's cipher copies it
            xor(data, offset, masked, 0, length);
            cipher.update(masked, 0, length, data, offset);
            xor(data, offset, data, offset, length);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES/ECB/NoPadding", e);
        }
    }

    /** The tweaks of one sector's blocks: each is the one before times x in GF(2^128). */
    private void tweaksOf(int sector) {
        long low = (long) LONGS.get(bases, sector * 16);
        long high = (long) LONGS.get(bases, sector * 16 + 8);
        int end = (sector + 1) * sectorSize;
        for (int at = sector * sectorSize; at < end; at += 16) {
            LONGS.set(tweaks, at, low);
            LONGS.set(tweaks, at + 8, high);
            long carry = (high >> 63) & 0x87;
            high = high << 1 | low >>> 63;
            low = low << 1 ^ carry;
        }
    }

    private void xor(byte[] from, int fromOffset, byte[] to, int toOffset, int length) {
        for (int i = 0; i < length; i += 8) {
            LONGS.set(to, toOffset + i, (long) LONGS.get(from, fromOffset + i) ^ (long) LONGS.get(tweaks, i));
        }
    }

    /** Wipes what it can; the key schedule inside the JDK's cipher is left to the collector. */
    @Override
    public void close() {
        Arrays.fill(tweaks, (byte) 0);
        Arrays.fill(masked, (byte) 0);
        Arrays.fill(bases, (byte) 0);
    }
}

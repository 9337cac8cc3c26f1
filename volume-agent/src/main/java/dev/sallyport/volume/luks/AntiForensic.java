package dev.sallyport.volume.luks;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import org.bouncycastle.crypto.Digest;

/**
 * The anti-forensic splitter: spreads a key over many stripes, so that losing any of them loses the key.
 *
 * @see <a href="https://gitlab.com/cryptsetup/cryptsetup/-/wikis/LUKS-standard/on-disk-format.pdf">LUKS1 On-Disk Format, section 2.4 (AF-Splitter)</a>
 */
final class AntiForensic {
    private AntiForensic() {}

    static byte[] split(byte[] key, int stripes, String hash) {
        byte[] out = new byte[key.length * stripes];
        new SecureRandom().nextBytes(out);
        byte[] d = new byte[key.length];
        for (int i = 0; i < stripes - 1; i++) {
            xor(d, out, i * key.length);
            diffuse(d, hash);
        }
        int last = (stripes - 1) * key.length;
        for (int i = 0; i < key.length; i++) {
            out[last + i] = (byte) (d[i] ^ key[i]);
        }
        Arrays.fill(d, (byte) 0);
        return out;
    }

    static byte[] merge(byte[] material, int stripes, int keyLength, String hash) {
        byte[] d = new byte[keyLength];
        for (int i = 0; i < stripes - 1; i++) {
            xor(d, material, i * keyLength);
            diffuse(d, hash);
        }
        xor(d, material, (stripes - 1) * keyLength);
        return d;
    }

    private static void xor(byte[] d, byte[] from, int offset) {
        for (int i = 0; i < d.length; i++) {
            d[i] ^= from[offset + i];
        }
    }

    private static void diffuse(byte[] d, String hash) {
        Digest digest = Hashes.byName(hash);
        int size = digest.getDigestSize();
        byte[] block = new byte[size];
        for (int i = 0; i * size < d.length; i++) {
            int length = Math.min(size, d.length - i * size);
            byte[] number = ByteBuffer.allocate(4).putInt(i).array();
            digest.update(number, 0, 4);
            digest.update(d, i * size, length);
            digest.doFinal(block, 0);
            System.arraycopy(block, 0, d, i * size, length);
        }
        Arrays.fill(block, (byte) 0);
    }
}

package dev.sallyport.gateway.checksum;

import java.util.zip.Checksum;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.crt.checksums.CRC64NVME;

/**
 * CRC-64/NVME: reflected, polynomial {@code AD93D23594C93659}, initial value and final XOR all ones. From the AWS Common
 * Runtime where its native library loads (about twenty times as fast), else by tables, eight bytes a step.
 *
 * @see <a href="https://reveng.sourceforge.io/crc-catalogue/17plus.htm#crc.cat.crc-64-nvme">CRC catalogue</a>
 */
public final class Crc64Nvme implements Checksum {
    private static final Logger log = LoggerFactory.getLogger(Crc64Nvme.class);
    private static final long POLYNOMIAL_REFLECTED = 0x9A6C9329AC4BC9B5L;
    private static final long[][] TABLES = tables();
    private static final boolean NATIVE = nativeLoads();

    private long crc = -1L;

    private Crc64Nvme() {}

    /** The fastest that this machine has. */
    public static Checksum create() {
        return NATIVE ? new CRC64NVME() : new Crc64Nvme();
    }

    /** The one by tables. */
    static Checksum createPortable() {
        return new Crc64Nvme();
    }

    private static boolean nativeLoads() {
        try {
            new CRC64NVME().update(new byte[] {1}, 0, 1);
            return true;
        } catch (LinkageError | RuntimeException e) {
            log.info("no native crc64nvme on this machine, using tables: {}", e.toString());
            return false;
        }
    }

    private static long[][] tables() {
        long[][] tables = new long[8][256];
        for (int i = 0; i < 256; i++) {
            long value = i;
            for (int bit = 0; bit < 8; bit++) {
                value = (value & 1) == 0 ? value >>> 1 : (value >>> 1) ^ POLYNOMIAL_REFLECTED;
            }
            tables[0][i] = value;
        }
        for (int i = 0; i < 256; i++) {
            for (int t = 1; t < 8; t++) {
                long before = tables[t - 1][i];
                tables[t][i] = (before >>> 8) ^ tables[0][(int) (before & 0xFF)];
            }
        }
        return tables;
    }

    @Override
    public void update(int b) {
        crc = (crc >>> 8) ^ TABLES[0][(int) ((crc ^ b) & 0xFF)];
    }

    @Override
    public void update(byte[] bytes, int offset, int length) {
        int i = offset;
        int end = offset + length;
        long value = crc;
        for (; i + 8 <= end; i += 8) {
            value ^= (bytes[i] & 0xFFL)
                    | (bytes[i + 1] & 0xFFL) << 8
                    | (bytes[i + 2] & 0xFFL) << 16
                    | (bytes[i + 3] & 0xFFL) << 24
                    | (bytes[i + 4] & 0xFFL) << 32
                    | (bytes[i + 5] & 0xFFL) << 40
                    | (bytes[i + 6] & 0xFFL) << 48
                    | (bytes[i + 7] & 0xFFL) << 56;
            value = TABLES[7][(int) (value & 0xFF)]
                    ^ TABLES[6][(int) (value >>> 8 & 0xFF)]
                    ^ TABLES[5][(int) (value >>> 16 & 0xFF)]
                    ^ TABLES[4][(int) (value >>> 24 & 0xFF)]
                    ^ TABLES[3][(int) (value >>> 32 & 0xFF)]
                    ^ TABLES[2][(int) (value >>> 40 & 0xFF)]
                    ^ TABLES[1][(int) (value >>> 48 & 0xFF)]
                    ^ TABLES[0][(int) (value >>> 56)];
        }
        for (; i < end; i++) {
            value = (value >>> 8) ^ TABLES[0][(int) ((value ^ bytes[i]) & 0xFF)];
        }
        crc = value;
    }

    @Override
    public long getValue() {
        return ~crc;
    }

    @Override
    public void reset() {
        crc = -1L;
    }
}

package dev.sallyport.gateway.checksum;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.Checksum;
import org.junit.jupiter.api.Test;

class ChecksumTest {
    /** The check values of the CRC catalogue and of the digests' specifications, over "123456789". */
    @Test
    void agreesWithPublishedCheckValues() {
        assertThat(hex(ChecksumAlgorithm.CRC32)).isEqualTo("cbf43926");
        assertThat(hex(ChecksumAlgorithm.CRC32C)).isEqualTo("e3069283");
        assertThat(hex(ChecksumAlgorithm.CRC64NVME)).isEqualTo("ae8b14860a799888");
        assertThat(hex(ChecksumAlgorithm.SHA1)).isEqualTo("f7c3bc1d808e04732adf679965ccc34ca7ae3441");
        assertThat(hex(ChecksumAlgorithm.SHA256))
                .isEqualTo("15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225");
        RunningChecksum md5 = RunningChecksum.md5();
        md5.update(new byte[0], 0, 0);
        assertThat(md5.finishBase64()).isEqualTo("1B2M2Y8AsgTpgAmY7PhCfg==");
    }

    @Test
    void tablesAgreeWithTheNativeLibrary() {
        byte[] bytes = new byte[4_099];
        new Random(3).nextBytes(bytes);
        Checksum fast = Crc64Nvme.create();
        Checksum portable = Crc64Nvme.createPortable();
        assertThat(portable).isInstanceOf(Crc64Nvme.class);
        int offset = 0;
        for (int length : new int[] {1, 7, 8, 9, 64, 1_000, 3_010}) {
            fast.update(bytes, offset, length);
            portable.update(bytes, offset, length);
            offset += length;
            assertThat(portable.getValue()).isEqualTo(fast.getValue());
        }
        portable.reset();
        for (byte b : "123456789".getBytes(StandardCharsets.US_ASCII)) {
            portable.update(b);
        }
        assertThat(portable.getValue()).isEqualTo(0xae8b14860a799888L);
    }

    @Test
    void isKnownByNameAndHeader() {
        for (ChecksumAlgorithm algorithm : ChecksumAlgorithm.values()) {
            assertThat(ChecksumAlgorithm.byHeader(algorithm.header())).isEqualTo(algorithm);
            RunningChecksum checksum = RunningChecksum.of(algorithm);
            assertThat(checksum.finish()).hasSize(algorithm.length());
        }
        assertThat(ChecksumAlgorithm.byName("sha512")).isNull();
        assertThat(ChecksumAlgorithm.byHeader("x-amz-checksum-md5")).isNull();
        assertThat(ChecksumAlgorithm.byHeader("content-md5")).isNull();
    }

    private static String hex(ChecksumAlgorithm algorithm) {
        RunningChecksum checksum = RunningChecksum.of(algorithm);
        byte[] bytes = "123456789".getBytes(StandardCharsets.US_ASCII);
        checksum.update(bytes, 0, 4);
        checksum.update(bytes, 4, 5);
        byte[] direct = Base64.getDecoder().decode(checksum.finishBase64());
        return HexFormat.of().formatHex(direct);
    }
}

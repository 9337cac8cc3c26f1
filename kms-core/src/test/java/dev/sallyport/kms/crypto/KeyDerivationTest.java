package dev.sallyport.kms.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.generators.KDFCounterBytesGenerator;
import org.bouncycastle.crypto.macs.HMac;
import org.bouncycastle.crypto.params.KDFCounterParameters;
import org.junit.jupiter.api.Test;

class KeyDerivationTest {
    /** NIST CAVP, KDFCTR_gen, PRF HMAC_SHA256, CTRLOCATION BEFORE_FIXED, RLEN 32_BITS, counts 0, 10, 20 and 30. */
    private static final String[][] CAVP = {
        {
            "dd1d91b7d90b2bd3138533ce92b272fbf8a369316aefe242e659cc0ae238afe0",
            "01322b96b30acd197979444e468e1c5c6859bf1b1cf951b7e725303e237e46b864a145fab25e517b08f8683d0315bb2911d80a0e8aba17f3b413faac",
            "10621342bfb0fd40046c0e29f2cfdbf0"
        },
        {
            "e204d6d466aad507ffaf6d6dab0a5b26152c9e21e764370464e360c8fbc765c6",
            "7b03b98d9f94b899e591f3ef264b71b193fba7043c7e953cde23bc5384bc1a6293580115fae3495fd845dadbd02bd6455cf48d0f62b33e62364a3a80",
            "770dfab6a6a4a4bee0257ff335213f78d8287b4fd537d5c1fffa956910e7c779"
        },
        {
            "dc60338d884eecb72975c603c27b360605011756c697c4fc388f5176ef81efb1",
            "44d7aa08feba26093c14979c122c2437c3117b63b78841cd10a4bc5ed55c56586ad8986d55307dca1d198edcffbc516a8fbe6152aa428cdd800c062d",
            "29ac07dccf1f28d506cd623e6e3fc2fa255bd60b"
        },
        {
            "c4bedbddb66493e7c7259a3bbbc25f8c7e0ca7fe284d92d431d9cd99a0d214ac",
            "1c69c54766791e315c2cc5c47ecd3ffab87d0d273dd920e70955814c220eacace6a5946542da3dfe24ff626b4897898cafb7db83bdff3c14fa46fd4b",
            "1da47638d6c9c4d04d74d4640bbd42ab814d9e8cc22f4326695239f96b0693f12d0dd1152cf44430"
        },
    };

    @ProviderTest
    void kbkdfGivesTheVectorsOfNist() {
        for (String[] vector : CAVP) {
            try (SecretBytes key = SecretBytes.takeOver(hex(vector[0]));
                    SecretBytes output = Kbkdf.counterHmacSha256(key, hex(vector[1]), vector[2].length() / 2)) {
                assertThat(output.exposeCopy()).isEqualTo(hex(vector[2]));
            }
        }
    }

    @ProviderTest
    void kbkdfGivesWhatBouncyCastleGivesAtEveryLength() {
        byte[] label = "label".getBytes(StandardCharsets.US_ASCII);
        byte[] context = RandomBytes.of(77);
        try (SecretBytes key = SecretBytes.random(32)) {
            for (int length : new int[] {1, 16, 31, 32, 33, 63, 64, 65, 96, 1_000, Kbkdf.MAX_OUTPUT}) {
                byte[] fixed = ByteBuffer.allocate(5 + 1 + 77 + 4)
                        .put(label)
                        .put((byte) 0)
                        .put(context)
                        .putInt(8 * length)
                        .array();
                KDFCounterBytesGenerator independent = new KDFCounterBytesGenerator(new HMac(new SHA256Digest()));
                independent.init(new KDFCounterParameters(key.exposeCopy(), fixed, 32));
                byte[] expected = new byte[length];
                independent.generateBytes(expected, 0, length);
                try (SecretBytes output = Kbkdf.counterHmacSha256(key, label, context, length);
                        SecretBytes raw = Kbkdf.counterHmacSha256(key, fixed, length)) {
                    assertThat(output.exposeCopy()).isEqualTo(expected);
                    assertThat(raw.exposeCopy()).isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void kbkdfRefusesOtherLengths() {
        try (SecretBytes key = SecretBytes.random(32)) {
            for (int length : new int[] {-1, 0, Kbkdf.MAX_OUTPUT + 1, Integer.MAX_VALUE}) {
                assertThatThrownBy(() -> Kbkdf.counterHmacSha256(key, new byte[1], length))
                        .isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    @Test
    void argon2idGivesTheVectorOfRfc9106() {
        // RFC 9106, section 5.3.
        try (SecretBytes passphrase = SecretBytes.takeOver(hex("01".repeat(32)));
                SecretBytes key = Argon2id.derive(
                        passphrase, hex("02".repeat(16)), hex("03".repeat(8)), hex("04".repeat(12)), 32, 3, 4, 32)) {
            assertThat(key.exposeCopy())
                    .isEqualTo(hex("0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"));
        }
    }

    @Test
    void argon2idBoundsItsCosts() {
        byte[] salt = new byte[16];
        try (SecretBytes passphrase = SecretBytes.random(8)) {
            assertThatThrownBy(() -> Argon2id.derive(passphrase, new byte[7], 64, 1, 1, 32))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> Argon2id.derive(passphrase, salt, Argon2id.MAX_MEMORY_KIB + 1, 1, 1, 32))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> Argon2id.derive(passphrase, salt, 31, 1, 4, 32))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> Argon2id.derive(passphrase, salt, 64, 1_001, 1, 32))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> Argon2id.derive(passphrase, salt, 64, 1, 0, 32))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> Argon2id.derive(passphrase, salt, 64, 1, 1, 8))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex);
    }
}

package dev.sallyport.kms.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class HashesTest {
    @ProviderTest
    void sha256GivesTheExamplesOfFips180() {
        assertThat(hex(Digests.sha256())).isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assertThat(hex(Digests.sha256(ascii("abc"))))
                .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assertThat(Digests.sha256(ascii("a"), ascii(""), ascii("bc"))).isEqualTo(Digests.sha256(ascii("abc")));
    }

    @ProviderTest
    void hmacGivesTheVectorsOfRfc4231() {
        // RFC 4231, test cases 1, 2 and 6 (a key longer than a block).
        hmac("0b".repeat(20), ascii("Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
        hmac(
                hex(ascii("Jefe")),
                ascii("what do ya want for nothing?"),
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        hmac(
                "aa".repeat(131),
                ascii("Test Using Larger Than Block-Size Key - Hash Key First"),
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    }

    @ProviderTest
    void hmacPassesWycheproof() {
        int count = Wycheproof.forEach("hmac_sha256_test.json", (group, test) -> {
            byte[] tag = Wycheproof.bytes(test, "tag");
            try (SecretBytes key = SecretBytes.takeOver(Wycheproof.bytes(test, "key"))) {
                byte[] computed = Hmac.sha256(key, Wycheproof.bytes(test, "msg"));
                byte[] cut = Arrays.copyOf(computed, group.get("tagSize").asInt() / 8);
                assertThat(ConstantTime.equals(cut, tag)).isEqualTo(Wycheproof.valid(test));
            }
        });
        assertThat(count).isGreaterThan(100);
    }

    @Test
    void constantTimeEqualsIsEquality() {
        byte[] bytes = {1, 2, 3};
        assertThat(ConstantTime.equals(bytes, bytes.clone())).isTrue();
        assertThat(ConstantTime.equals(bytes, new byte[] {1, 2, 4})).isFalse();
        assertThat(ConstantTime.equals(bytes, new byte[] {1, 2})).isFalse();
        assertThat(ConstantTime.equals(new byte[0], bytes)).isFalse();
    }

    private static void hmac(String key, byte[] message, String tag) {
        try (SecretBytes secret = SecretBytes.takeOver(HexFormat.of().parseHex(key))) {
            assertThat(hex(Hmac.sha256(secret, message))).isEqualTo(tag);
            byte[] bytes = HexFormat.of().parseHex(tag);
            assertThat(Hmac.verifySha256(secret, bytes, message)).isTrue();
            bytes[31] ^= 1;
            assertThat(Hmac.verifySha256(secret, bytes, message)).isFalse();
            assertThat(Hmac.verifySha256(secret, Arrays.copyOf(bytes, 16), message))
                    .isFalse();
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}

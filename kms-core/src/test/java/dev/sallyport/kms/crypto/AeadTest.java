package dev.sallyport.kms.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicInteger;

class AeadTest {
    private interface Aead {
        byte[] seal(SecretBytes key, byte[] nonce, byte[] aad, byte[] plaintext);

        byte[] open(SecretBytes key, byte[] nonce, byte[] aad, byte[] sealed);
    }

    private static final Aead AES_GCM = new Aead() {
        @Override
        public byte[] seal(SecretBytes key, byte[] nonce, byte[] aad, byte[] plaintext) {
            return AesGcm.seal(key, nonce, aad, plaintext);
        }

        @Override
        public byte[] open(SecretBytes key, byte[] nonce, byte[] aad, byte[] sealed) {
            return AesGcm.open(key, nonce, aad, sealed);
        }
    };

    private static final Aead CHACHA = new Aead() {
        @Override
        public byte[] seal(SecretBytes key, byte[] nonce, byte[] aad, byte[] plaintext) {
            return ChaCha20Poly1305.seal(key, nonce, aad, plaintext);
        }

        @Override
        public byte[] open(SecretBytes key, byte[] nonce, byte[] aad, byte[] sealed) {
            return ChaCha20Poly1305.open(key, nonce, aad, sealed);
        }
    };

    @ProviderTest
    void aesGcmGivesTestCase16OfItsSpecification() {
        // McGrew and Viega, The Galois/Counter Mode of Operation, test case 16.
        check(
                AES_GCM,
                "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
                "cafebabefacedbaddecaf888",
                "feedfacedeadbeeffeedfacedeadbeefabaddad2",
                hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                        + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"),
                "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                        + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
                        + "76fc6ece0f4e1768cddf8853bb2d551b");
    }

    @ProviderTest
    void chaCha20Poly1305GivesTheVectorOfRfc8439() {
        // RFC 8439, section 2.8.2.
        check(
                CHACHA,
                "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
                "070000004041424344454647",
                "50515253c0c1c2c3c4c5c6c7",
                ("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
                                + "sunscreen would be it.")
                        .getBytes(StandardCharsets.US_ASCII),
                "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
                        + "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
                        + "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
                        + "3ff4def08e4b7a9de576d26586cec64b6116"
                        + "1ae10b594f09e26a7e902ecbd0600691");
    }

    @ProviderTest
    void aesGcmPassesWycheproof() {
        AtomicInteger used = new AtomicInteger();
        Wycheproof.forEach("aes_gcm_test.json", (group, test) -> {
            // Only the sizes that are used here: others are refused by the API.
            if (group.get("keySize").asInt() == 256 && group.get("ivSize").asInt() == 96) {
                check(AES_GCM, test);
                used.incrementAndGet();
            }
        });
        assertThat(used.get()).isGreaterThan(60);
    }

    @ProviderTest
    void chaCha20Poly1305PassesWycheproof() {
        AtomicInteger used = new AtomicInteger();
        Wycheproof.forEach("chacha20_poly1305_test.json", (group, test) -> {
            if (group.get("ivSize").asInt() == 96) {
                check(CHACHA, test);
                used.incrementAndGet();
            }
        });
        assertThat(used.get()).isGreaterThan(250);
    }

    @ProviderTest
    void otherSizesAreRefused() {
        byte[] nonce = new byte[12];
        byte[] empty = new byte[0];
        for (Aead aead : new Aead[] {AES_GCM, CHACHA}) {
            for (int size : new int[] {0, 16, 24, 31, 33, 64}) {
                try (SecretBytes key = SecretBytes.copyOf(new byte[size])) {
                    assertThatThrownBy(() -> aead.seal(key, nonce, empty, empty))
                            .isInstanceOf(IllegalArgumentException.class);
                }
            }
            try (SecretBytes key = SecretBytes.random(32)) {
                for (int size : new int[] {0, 8, 11, 13, 16}) {
                    assertThatThrownBy(() -> aead.seal(key, new byte[size], empty, empty))
                            .isInstanceOf(IllegalArgumentException.class);
                }
                for (int size = 0; size < 16; size++) {
                    byte[] tooShort = new byte[size];
                    assertThatThrownBy(() -> aead.open(key, nonce, empty, tooShort))
                            .isInstanceOf(AuthenticationFailedException.class);
                }
            }
        }
    }

    @ProviderTest
    void bothProvidersReadEachOther() throws Exception {
        byte[] nonce = RandomBytes.of(12);
        byte[] aad = RandomBytes.of(33);
        byte[] plaintext = RandomBytes.of(1_000);
        for (Aead aead : new Aead[] {AES_GCM, CHACHA}) {
            try (SecretBytes key = SecretBytes.random(32)) {
                byte[] sealed = aead.seal(key, nonce, aad, plaintext);
                for (CryptoProvider other : Providers.available()) {
                    assertThat(Providers.callWith(other, () -> aead.open(key, nonce, aad, sealed)))
                            .isEqualTo(plaintext);
                }
            }
        }
    }

    private static void check(Aead aead, JsonNode test) {
        byte[] nonce = Wycheproof.bytes(test, "iv");
        byte[] aad = Wycheproof.bytes(test, "aad");
        byte[] plaintext = Wycheproof.bytes(test, "msg");
        byte[] sealed = concat(Wycheproof.bytes(test, "ct"), Wycheproof.bytes(test, "tag"));
        try (SecretBytes key = SecretBytes.takeOver(Wycheproof.bytes(test, "key"))) {
            if (Wycheproof.valid(test)) {
                assertThat(aead.seal(key, nonce, aad, plaintext)).isEqualTo(sealed);
                assertThat(aead.open(key, nonce, aad, sealed)).isEqualTo(plaintext);
            } else {
                assertThatThrownBy(() -> aead.open(key, nonce, aad, sealed))
                        .isInstanceOf(AuthenticationFailedException.class);
            }
        }
    }

    private static void check(Aead aead, String key, String nonce, String aad, byte[] plaintext, String sealed) {
        try (SecretBytes secret = SecretBytes.takeOver(hex(key))) {
            assertThat(aead.seal(secret, hex(nonce), hex(aad), plaintext)).isEqualTo(hex(sealed));
            assertThat(aead.open(secret, hex(nonce), hex(aad), hex(sealed))).isEqualTo(plaintext);
            byte[] altered = hex(sealed);
            altered[0] ^= 1;
            assertThatThrownBy(() -> aead.open(secret, hex(nonce), hex(aad), altered))
                    .isExactlyInstanceOf(AuthenticationFailedException.class)
                    .hasMessage("");
        }
    }

    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    private static byte[] concat(byte[] left, byte[] right) {
        byte[] both = Arrays.copyOf(left, left.length + right.length);
        System.arraycopy(right, 0, both, left.length, right.length);
        return both;
    }
}

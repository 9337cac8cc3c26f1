package dev.sallyport.kms;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.generators.KDFCounterBytesGenerator;
import org.bouncycastle.crypto.macs.HMac;
import org.bouncycastle.crypto.modes.GCMBlockCipher;
import org.bouncycastle.crypto.modes.GCMModeCipher;
import org.bouncycastle.crypto.params.AEADParameters;
import org.bouncycastle.crypto.params.KDFCounterParameters;
import org.bouncycastle.crypto.params.KeyParameter;

/**
 * Committed test vectors, and the primitives for reading them by Bouncy Castle, so that a format is checked by an
 * implementation that shares no code with the one that wrote them. With {@code -Dsallyport.vectors.write=true} the files
 * are written anew, which is right only together with a new version of the format.
 */
public final class Vectors {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final Path DIRECTORY = Path.of("src/test/resources/vectors");

    private Vectors() {}

    /** Fails unless the committed file is exactly {@code generated}; answers what is committed. */
    public static JsonNode committed(String file, JsonNode generated) {
        try {
            String text = JSON.writeValueAsString(generated) + "\n";
            Path path = DIRECTORY.resolve(file);
            if (Boolean.getBoolean("sallyport.vectors.write")) {
                Files.createDirectories(DIRECTORY);
                Files.writeString(path, text);
            }
            assertThat(Files.readString(path, StandardCharsets.UTF_8)).isEqualTo(text);
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static byte[] bytes(JsonNode node, String field) {
        return HexFormat.of().parseHex(node.get(field).asText());
    }

    public static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    /** Bytes from {@code first} upwards, one more each. */
    public static byte[] counting(int first, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (first + i);
        }
        return bytes;
    }

    /** SP 800-108r1 counter mode, HMAC-SHA-256, by Bouncy Castle. */
    public static byte[] kbkdf(byte[] key, byte[] fixedInput, int length) {
        KDFCounterBytesGenerator generator = new KDFCounterBytesGenerator(new HMac(new SHA256Digest()));
        generator.init(new KDFCounterParameters(key, fixedInput, 32));
        byte[] output = new byte[length];
        generator.generateBytes(output, 0, length);
        return output;
    }

    /** AES-256-GCM by Bouncy Castle; ciphertext and tag in, plaintext out. */
    public static byte[] openGcm(byte[] key, byte[] nonce, byte[] aad, byte[] sealed)
            throws InvalidCipherTextException {
        GCMModeCipher gcm = GCMBlockCipher.newInstance(AESEngine.newInstance());
        gcm.init(false, new AEADParameters(new KeyParameter(key), 128, nonce, aad));
        byte[] plaintext = new byte[gcm.getOutputSize(sealed.length)];
        int length = gcm.processBytes(sealed, 0, sealed.length, plaintext, 0);
        gcm.doFinal(plaintext, length);
        return plaintext;
    }
}

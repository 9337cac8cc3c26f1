package dev.sallyport.volume.luks;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.kms.crypto.SecretBytes;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import org.bouncycastle.crypto.generators.PKCS5S2ParametersGenerator;
import org.bouncycastle.crypto.params.KeyParameter;

/**
 * The digest of the volume key, by which an opener knows that it has the right one.
 *
 * @see <a href="https://gitlab.com/cryptsetup/LUKS2-docs">LUKS2 On-Disk Format Specification, section 3.4</a>
 */
final class Digest {
    /** A volume key is random, so the digest needs no stretching: cryptsetup's own floor. */
    private static final int ITERATIONS = 1000;

    private static final int MAX_ITERATIONS = 10_000_000;

    private Digest() {}

    static ObjectNode create(SecretBytes volumeKey) {
        byte[] salt = new byte[32];
        new SecureRandom().nextBytes(salt);
        return create(volumeKey, salt);
    }

    static ObjectNode create(SecretBytes volumeKey, byte[] salt) {
        ObjectNode digest = JsonNodeFactory.instance.objectNode();
        digest.put("type", "pbkdf2");
        digest.putArray("keyslots");
        digest.putArray("segments").add("0");
        digest.put("hash", "sha256");
        digest.put("iterations", ITERATIONS);
        digest.put("salt", Base64.getEncoder().encodeToString(salt));
        digest.put("digest", Base64.getEncoder().encodeToString(pbkdf2("sha256", volumeKey, salt, ITERATIONS, 32)));
        return digest;
    }

    static boolean matches(ObjectNode digest, SecretBytes volumeKey) {
        int iterations = Json.integer(digest, "iterations");
        if (!"pbkdf2".equals(digest.path("type").asText()) || iterations < 1 || iterations > MAX_ITERATIONS) {
            throw new LuksException("the volume key's digest is of a kind that is not supported");
        }
        byte[] expected = Json.base64(digest, "digest", 64);
        byte[] salt = Json.base64(digest, "salt", 1024);
        byte[] found = pbkdf2(digest.path("hash").asText(), volumeKey, salt, iterations, expected.length);
        return MessageDigest.isEqual(expected, found);
    }

    static byte[] pbkdf2(String hash, SecretBytes password, byte[] salt, int iterations, int length) {
        PKCS5S2ParametersGenerator generator = new PKCS5S2ParametersGenerator(Hashes.byName(hash));
        return password.use(bytes -> {
            generator.init(bytes, salt, iterations);
            return ((KeyParameter) generator.generateDerivedMacParameters(length * 8)).getKey();
        });
    }
}

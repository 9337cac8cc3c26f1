package dev.sallyport.volume.luks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.kms.crypto.SecretBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * A passphrase keyslot: the volume key, split anti-forensically, encrypted under a key that a passphrase gives.
 *
 * @see <a href="https://gitlab.com/cryptsetup/LUKS2-docs">LUKS2 On-Disk Format Specification, section 3.1</a>
 */
final class Keyslot {
    /** The type of keyslots that a passphrase opens. */
    static final String TYPE = "luks2";

    /** What {@code luksFormat} takes for itself on a small machine: 64 MiB; the passes make up for it. */
    private static final int ARGON2_KIB = 64 * 1024;

    private static final int ARGON2_PASSES = 8;
    private static final int STRIPES = 4000;
    private static final int MAX_KIB = 4 << 20;

    /** About a minute; {@code luksFormat} takes what two seconds give. */
    private static final int MAX_ITERATIONS = 100_000_000;

    private Keyslot() {}

    /** Bytes that the area of a key takes, in whole 4 KiB. */
    static long areaSize(int keyLength) {
        return ((long) keyLength * STRIPES + 4095) / 4096 * 4096;
    }

    /** 2 before others, 1 unless said, 0 only when somebody names it (section 3.1 of the specification). */
    static int priority(ObjectNode slot) {
        return slot.path("priority").asInt(1);
    }

    /** Writes the area, synced, and returns the keyslot's metadata, which the caller then writes into the header. */
    static ObjectNode create(FileChannel image, long areaOffset, SecretBytes volumeKey, SecretBytes passphrase)
            throws IOException {
        byte[] salt = new byte[32];
        new SecureRandom().nextBytes(salt);
        ObjectNode slot = JsonNodeFactory.instance.objectNode();
        slot.put("type", TYPE);
        slot.put("key_size", volumeKey.length());
        ObjectNode af = slot.putObject("af");
        af.put("type", "luks1").put("stripes", STRIPES).put("hash", "sha256");
        ObjectNode area = slot.putObject("area");
        area.put("type", "raw")
                .put("offset", Long.toString(areaOffset))
                .put("size", Long.toString(areaSize(volumeKey.length())))
                .put("encryption", "aes-xts-plain64")
                .put("key_size", 64);
        ObjectNode kdf = slot.putObject("kdf");
        kdf.put("type", "argon2id")
                .put("time", ARGON2_PASSES)
                .put("memory", ARGON2_KIB)
                .put("cpus", 1)
                .put("salt", Base64.getEncoder().encodeToString(salt));
        byte[] split = volumeKey.use(key -> AntiForensic.split(key, STRIPES, "sha256"));
        byte[] padded = Arrays.copyOf(split, (split.length + 511) / 512 * 512);
        Arrays.fill(split, (byte) 0);
        try (SecretBytes areaKey = stretch(kdf, passphrase, 64);
                XtsCipher cipher = new XtsCipher(areaKey, 512)) {
            cipher.encrypt(padded, 0, padded.length, 0);
        }
        ByteBuffer out = ByteBuffer.wrap(padded);
        while (out.hasRemaining()) {
            image.write(out, areaOffset + out.position());
        }
        image.force(false);
        return slot;
    }

    /** What the passphrase gives for this slot; whether it is the volume key, only the digest can tell. */
    static SecretBytes open(FileChannel image, ObjectNode slot, SecretBytes passphrase) throws IOException {
        int keySize = Json.integer(slot, "key_size");
        JsonNode af = slot.path("af");
        int stripes = Json.integer(af, "stripes");
        ObjectNode area = Json.object(slot, "area");
        if (!TYPE.equals(slot.path("type").asText())
                || !"aes-xts-plain64".equals(area.path("encryption").asText())
                || !"raw".equals(area.path("type").asText())
                || !"luks1".equals(af.path("type").asText())
                || stripes != STRIPES
                || (keySize != 32 && keySize != 64)) {
            throw new LuksException("the keyslot is of a kind that is not supported");
        }
        byte[] material = new byte[(keySize * stripes + 511) / 512 * 512];
        ByteBuffer in = ByteBuffer.wrap(material);
        long offset = Json.number(area, "offset");
        while (in.hasRemaining()) {
            if (image.read(in, offset + in.position()) < 0) {
                throw new LuksException("the keyslot lies beyond the end of the image");
            }
        }
        try (SecretBytes areaKey = stretch(Json.object(slot, "kdf"), passphrase, Json.integer(area, "key_size"));
                XtsCipher cipher = new XtsCipher(areaKey, 512)) {
            cipher.decrypt(material, 0, material.length, 0);
            return SecretBytes.takeOver(AntiForensic.merge(
                    material, stripes, keySize, af.path("hash").asText()));
        } finally {
            Arrays.fill(material, (byte) 0);
        }
    }

    private static SecretBytes stretch(ObjectNode kdf, SecretBytes passphrase, int length) {
        byte[] salt = Json.base64(kdf, "salt", 1024);
        String type = kdf.path("type").asText();
        if (length != 32 && length != 64) {
            throw new LuksException("the keyslot is of a kind that is not supported");
        }
        if ("pbkdf2".equals(type)) {
            int iterations = Json.integer(kdf, "iterations");
            if (iterations < 1 || iterations > MAX_ITERATIONS) {
                throw new LuksException("the keyslot's iterations are out of bounds");
            }
            return SecretBytes.takeOver(Digest.pbkdf2(kdf.path("hash").asText(), passphrase, salt, iterations, length));
        }
        int memory = Json.integer(kdf, "memory");
        int time = Json.integer(kdf, "time");
        int cpus = Json.integer(kdf, "cpus");
        if (memory < 32 || memory > MAX_KIB || time < 1 || time > 1000 || cpus < 1 || cpus > 64) {
            throw new LuksException("the keyslot's Argon2 parameters are out of bounds");
        }
        long usable = Runtime.getRuntime().maxMemory() >> 10;
        if (memory > usable * 2 / 3) {
            throw new LuksException(
                    "the keyslot takes " + (memory >> 10) + " MiB of memory for its passphrase, and this"
                            + " program may have " + (usable >> 10) + " MiB: set SALLYPORT_JAVA_OPTS=-Xmx"
                            + (memory / 2 * 3 / 1024 + 256) + "m");
        }
        int variant = switch (type) {
            case "argon2i" -> Argon2Parameters.ARGON2_i;
            case "argon2id" -> Argon2Parameters.ARGON2_id;
            default -> throw new LuksException("key derivation '" + Json.printable(type) + "' is not supported");
        };
        Argon2BytesGenerator generator = new Argon2BytesGenerator();
        generator.init(new Argon2Parameters.Builder(variant)
                .withSalt(salt)
                .withIterations(time)
                .withMemoryAsKB(memory)
                .withParallelism(cpus)
                .build());
        byte[] key = new byte[length];
        passphrase.use(bytes -> generator.generateBytes(bytes, key));
        return SecretBytes.takeOver(key);
    }
}

package dev.sallyport.kms.seal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.kms.crypto.AesGcm;
import dev.sallyport.kms.crypto.Argon2id;
import dev.sallyport.kms.crypto.AuthenticationFailedException;
import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.kms.seal.SealException.Reason;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One wrap of the root key: AES-256-GCM under a key that KBKDF derives from the secret (a passphrase goes through Argon2id
 * first) and a fresh 128-bit nonce, so the fixed IV is used once for each key. What the seal says of itself is additional
 * authenticated data.
 */
final class Seal {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Pattern ID = Pattern.compile("[0-9a-f]{8}");
    private static final String PURPOSE = "sallyport/seal/v1";
    private static final int VERSION = 1;
    private static final int NONCE = 16;
    private static final int WRAP = 1 + NONCE + RootKey.LENGTH + AesGcm.TAG_BYTES;
    private static final int SALT = 16;

    private final SealInfo info;
    private final @Nullable Argon2Parameters argon2;
    private final byte[] salt;
    private final byte[] wrap;

    private Seal(SealInfo info, @Nullable Argon2Parameters argon2, byte[] salt, byte[] wrap) {
        this.info = info;
        this.argon2 = argon2;
        this.salt = salt;
        this.wrap = wrap;
    }

    static Seal make(RootKey root, SealSecret secret, Instant now, Argon2Parameters argon2) {
        secret.checkStrength();
        byte[] id = random(4);
        SealInfo info = new SealInfo(HexFormat.of().formatHex(id), secret.type(), now.truncatedTo(ChronoUnit.SECONDS));
        Seal unwrapped = switch (secret.type()) {
            case PASSPHRASE -> new Seal(info, argon2, random(SALT), new byte[0]);
            case KEY_FILE -> new Seal(info, null, new byte[0], new byte[0]);
        };
        return unwrapped.wrapped(root, secret, random(NONCE));
    }

    private Seal wrapped(RootKey root, SealSecret secret, byte[] nonce) {
        try (SecretBytes input = inputKey(secret);
                SecretBytes key = RootKey.derive(input, PURPOSE, nonce, AesGcm.KEY_BYTES)) {
            byte[] sealed = root.secret().use(raw -> AesGcm.seal(key, new byte[AesGcm.NONCE_BYTES], aad(), raw));
            byte[] out = new byte[WRAP];
            out[0] = VERSION;
            System.arraycopy(nonce, 0, out, 1, NONCE);
            System.arraycopy(sealed, 0, out, 1 + NONCE, sealed.length);
            return new Seal(info, argon2, salt, out);
        }
    }

    SealInfo info() {
        return info;
    }

    /** The root key, or empty when the secret is not this seal's. */
    Optional<RootKey> open(SealSecret secret) {
        if (secret.type() != info.type()) {
            return Optional.empty();
        }
        byte[] nonce = Arrays.copyOfRange(wrap, 1, 1 + NONCE);
        try (SecretBytes input = inputKey(secret);
                SecretBytes key = RootKey.derive(input, PURPOSE, nonce, AesGcm.KEY_BYTES)) {
            byte[] sealed = Arrays.copyOfRange(wrap, 1 + NONCE, WRAP);
            byte[] raw = AesGcm.open(key, new byte[AesGcm.NONCE_BYTES], aad(), sealed);
            return Optional.of(RootKey.of(SecretBytes.takeOver(raw)));
        } catch (AuthenticationFailedException e) {
            return Optional.empty();
        }
    }

    private SecretBytes inputKey(SealSecret secret) {
        if (argon2 == null) {
            return secret.bytes().slice(0, secret.bytes().length());
        }
        return Argon2id.derive(
                secret.bytes(), salt, argon2.memoryKib(), argon2.iterations(), argon2.parallelism(), RootKey.LENGTH);
    }

    /** Every field before the wrap, each string with its length. */
    private byte[] aad() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            writeString(out, info.id());
            writeString(out, info.type().wireName());
            out.writeLong(info.created().getEpochSecond());
            if (argon2 != null) {
                out.writeInt(argon2.memoryKib());
                out.writeInt(argon2.iterations());
                out.writeInt(argon2.parallelism());
                out.writeShort(salt.length);
                out.write(salt);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void writeString(DataOutputStream out, String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.writeShort(utf8.length);
        out.write(utf8);
    }

    ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("id", info.id());
        json.put("type", info.type().wireName());
        json.put("created", info.created().toString());
        if (argon2 != null) {
            ObjectNode costs = json.putObject("argon2id");
            costs.put("memoryKiB", argon2.memoryKib());
            costs.put("iterations", argon2.iterations());
            costs.put("parallelism", argon2.parallelism());
            costs.put("salt", Base64.getEncoder().encodeToString(salt));
        }
        json.put("wrap", Base64.getEncoder().encodeToString(wrap));
        return json;
    }

    static Seal parse(JsonNode json) {
        String id = text(json, "id");
        if (!ID.matcher(id).matches()) {
            throw malformed("seal with an id that is not eight hexadecimal digits");
        }
        String typeName = text(json, "type");
        SealType type = Arrays.stream(SealType.values())
                .filter(each -> each.wireName().equals(typeName))
                .findFirst()
                .orElseThrow(() -> malformed("seal " + id + " of a type that this version does not know"));
        Instant created;
        try {
            created = Instant.parse(text(json, "created"));
        } catch (DateTimeException e) {
            throw malformed("seal " + id + " without a valid creation time");
        }
        Argon2Parameters argon2 = null;
        byte[] salt = new byte[0];
        if (type == SealType.PASSPHRASE) {
            JsonNode costs = json.path("argon2id");
            argon2 = new Argon2Parameters(
                    integer(costs, "memoryKiB"), integer(costs, "iterations"), integer(costs, "parallelism"));
            salt = base64(costs, "salt");
            if (salt.length != SALT) {
                throw malformed("seal " + id + " with a salt of the wrong length");
            }
        }
        byte[] wrap = base64(json, "wrap");
        if (wrap.length != WRAP || wrap[0] != VERSION) {
            throw malformed("seal " + id + " with a wrap of an unknown form");
        }
        return new Seal(new SealInfo(id, type, created), argon2, salt, wrap);
    }

    private static String text(JsonNode json, String field) {
        JsonNode value = json.path(field);
        if (!value.isTextual()) {
            throw malformed("seal without " + field);
        }
        return value.textValue();
    }

    private static int integer(JsonNode json, String field) {
        JsonNode value = json.path(field);
        if (!value.isInt()) {
            throw malformed("seal without " + field);
        }
        return value.intValue();
    }

    private static byte[] base64(JsonNode json, String field) {
        try {
            return Base64.getDecoder().decode(text(json, field));
        } catch (IllegalArgumentException e) {
            throw malformed("seal with a " + field + " that is not base64");
        }
    }

    static SealException malformed(String what) {
        return new SealException(Reason.MALFORMED, "the key store's seals are damaged: " + what);
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        RANDOM.nextBytes(bytes);
        return bytes;
    }
}

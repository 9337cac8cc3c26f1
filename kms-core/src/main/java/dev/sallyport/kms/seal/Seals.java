package dev.sallyport.kms.seal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.kms.seal.SealException.Reason;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The seals of one key store, as its {@code seals.json} holds them: each wraps the same root key, any one opens it.
 * Immutable; a change makes a new value, which the key store writes. Format: {@code kms-core/docs/seal.md}.
 */
public final class Seals {
    /** At most so many seals, since each one of a type is tried in turn. */
    public static final int MAX_SEALS = 16;

    /** Bytes of the serialised form, at most. */
    public static final int MAX_JSON = 64 * 1024;

    private static final int VERSION = 1;
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final String rootKeyId;
    private final List<Seal> seals;

    private Seals(String rootKeyId, List<Seal> seals) {
        this.rootKeyId = rootKeyId;
        this.seals = List.copyOf(seals);
    }

    /** The first seal of a new root key. */
    public static Seals create(RootKey root, SealSecret secret, Instant now) {
        return create(root, secret, now, Argon2Parameters.DEFAULT);
    }

    static Seals create(RootKey root, SealSecret secret, Instant now, Argon2Parameters argon2) {
        return new Seals(root.id(), List.of(Seal.make(root, secret, now, argon2)));
    }

    /**
     * Reads the serialised form.
     *
     * @throws SealException {@code MALFORMED}
     */
    public static Seals parse(byte[] json) {
        if (json.length > MAX_JSON) {
            throw Seal.malformed("over 64 KiB");
        }
        JsonNode tree;
        try {
            tree = MAPPER.readTree(json);
        } catch (IOException e) {
            throw Seal.malformed("no valid JSON");
        }
        if (tree.path("version").asInt() != VERSION) {
            throw Seal.malformed("a version that this program does not know");
        }
        JsonNode id = tree.path("rootKeyId");
        JsonNode list = tree.path("seals");
        if (!id.isTextual() || !list.isArray() || list.isEmpty() || list.size() > MAX_SEALS) {
            throw Seal.malformed("fields missing, or not 1 to 16 seals");
        }
        List<Seal> seals = new ArrayList<>();
        list.forEach(each -> seals.add(Seal.parse(each)));
        return new Seals(id.textValue(), seals);
    }

    /** The serialised form, in UTF-8. */
    public byte[] toJson() {
        ObjectNode json = MAPPER.createObjectNode();
        json.put("version", VERSION);
        json.put("rootKeyId", rootKeyId);
        ArrayNode list = json.putArray("seals");
        seals.forEach(seal -> list.add(seal.toJson()));
        try {
            return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What there is, oldest first. */
    public List<SealInfo> list() {
        return seals.stream().map(Seal::info).toList();
    }

    /**
     * The root key, by whichever seal the secret opens.
     *
     * @throws SealException {@code WRONG_SECRET} when it opens none
     */
    public RootKey open(SealSecret secret) {
        for (Seal seal : seals) {
            Optional<RootKey> root = seal.open(secret);
            if (root.isPresent()) {
                if (!root.get().id().equals(rootKeyId)) {
                    root.get().close();
                    throw Seal.malformed("seal " + seal.info().id() + " holds the root key of another key store");
                }
                return root.get();
            }
        }
        String what = switch (secret.type()) {
            case PASSPHRASE -> "passphrase";
            case KEY_FILE -> "key file";
        };
        throw new SealException(
                Reason.WRONG_SECRET,
                "wrong " + what + ": it opens none of the key store's " + seals.size() + " seal(s)");
    }

    /**
     * These and one more.
     *
     * @throws SealException {@code REFUSED} when there are 16 already, or the root key is another store's
     */
    public Seals add(RootKey root, SealSecret secret, Instant now) {
        return add(root, secret, now, Argon2Parameters.DEFAULT);
    }

    Seals add(RootKey root, SealSecret secret, Instant now, Argon2Parameters argon2) {
        if (seals.size() >= MAX_SEALS) {
            throw new SealException(Reason.REFUSED, "the key store has 16 seals already: remove one first");
        }
        if (!root.id().equals(rootKeyId)) {
            throw new SealException(Reason.REFUSED, "the root key belongs to another key store");
        }
        List<Seal> more = new ArrayList<>(seals);
        more.add(Seal.make(root, secret, now, argon2));
        return new Seals(rootKeyId, more);
    }

    /**
     * These without one.
     *
     * @throws SealException {@code REFUSED} when there is no such seal, or no other
     */
    public Seals remove(String id) {
        List<Seal> rest =
                seals.stream().filter(seal -> !seal.info().id().equals(id)).toList();
        if (rest.size() == seals.size()) {
            throw new SealException(Reason.REFUSED, "the key store has no seal " + id);
        }
        if (rest.isEmpty()) {
            throw new SealException(Reason.REFUSED, "seal " + id + " is the last one: add another first");
        }
        return new Seals(rootKeyId, rest);
    }
}

package dev.sallyport.volume.luks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.kms.crypto.SecretBytes;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The header of one LUKS2 image in the agent's terms. Whatever it does not understand it leaves as it is.
 *
 * @see <a href="https://gitlab.com/cryptsetup/LUKS2-docs">LUKS2 On-Disk Format Specification</a>
 */
public final class LuksImage {
    /** As {@code cryptsetup luksFormat} lays out: 16 KiB a copy, data from 16 MiB on. */
    private static final int HEADER_SIZE = 16384;

    public static final long DATA_OFFSET = 16L << 20;

    /** Sectors of images that are made here; 4,096 is a third cheaper than 512. */
    public static final int SECTOR_SIZE = 4096;

    /** Both halves of the volume key of images that are made here. */
    public static final int KEY_BYTES = 64;

    private final FileChannel channel;
    private final HeaderStore store;
    private HeaderStore.Found found;

    private LuksImage(FileChannel channel, HeaderStore store, HeaderStore.Found found) {
        this.channel = channel;
        this.store = store;
        this.found = found;
    }

    /**
     * Writes a new header, both copies synced; the caller has given the file its length.
     *
     * @param label at most 47 bytes of UTF-8; empty for none
     */
    public static LuksImage create(
            FileChannel channel, UUID uuid, String label, Token token, SecretBytes volumeKey, SecretBytes macKey)
            throws IOException {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.putObject("keyslots");
        ObjectNode tokens = json.putObject("tokens");
        ObjectNode segment = json.putObject("segments").putObject("0");
        segment.put("type", "crypt")
                .put("offset", Long.toString(DATA_OFFSET))
                .put("size", "dynamic")
                .put("iv_tweak", "0")
                .put("encryption", "aes-xts-plain64")
                .put("sector_size", SECTOR_SIZE);
        ObjectNode digest = Digest.create(volumeKey);
        json.putObject("digests").set("0", digest);
        json.putObject("config")
                .put("json_size", Integer.toString(HEADER_SIZE - BinaryHeader.SIZE))
                .put("keyslots_size", Long.toString(DATA_OFFSET - 2L * HEADER_SIZE));
        tokens.set("0", token.json(uuid.toString(), digest, segment, macKey));
        HeaderStore store = new HeaderStore(channel);
        BinaryHeader header = new BinaryHeader(HEADER_SIZE, 1, label, "", uuid.toString());
        store.writeBoth(header, json, false);
        return new LuksImage(channel, store, new HeaderStore.Found(header, json, HeaderStore.Copies.BOTH_WHOLE));
    }

    /** Opens a header for reading; nothing is repaired. */
    public static LuksImage openReadOnly(FileChannel channel) throws IOException {
        HeaderStore store = new HeaderStore(channel);
        return new LuksImage(channel, store, validated(store.read()));
    }

    /** Opens a header, and repairs a damaged or older copy from the other. */
    public static LuksImage open(FileChannel channel) throws IOException {
        HeaderStore store = new HeaderStore(channel);
        validated(store.read());
        return new LuksImage(channel, store, store.readAndRepair());
    }

    private static HeaderStore.Found validated(HeaderStore.Found found) {
        new Layout(found).validate();
        return found;
    }

    public String uuid() {
        return found.header().uuid;
    }

    public String label() {
        return found.header().label;
    }

    public HeaderStore.Copies copies() {
        return found.copies();
    }

    /** Sequence id of the header. */
    public long sequenceId() {
        return found.header().sequenceId;
    }

    /** The token of this agent; empty when the image has none. */
    public Optional<Token> token() {
        return tokenEntry().map(entry -> Token.parse((ObjectNode) entry.getValue()));
    }

    /** Whether the image has a token of this agent, be it well-formed or not. */
    public boolean hasToken() {
        return tokenEntry().isPresent();
    }

    /** Ids of the keyslots in use. */
    public List<Integer> keyslots() {
        List<Integer> ids = new ArrayList<>();
        Json.object(found.json(), "keyslots").fieldNames().forEachRemaining(id -> ids.add(slotId(id)));
        return ids;
    }

    /** Ids of the keyslots that give the volume key, and not another one. */
    public List<Integer> volumeKeyslots() {
        List<Integer> ids = new ArrayList<>();
        digest().path("keyslots").forEach(id -> ids.add(slotId(id.asText())));
        return ids;
    }

    public Geometry geometry(int keyBytes) {
        return Geometry.of(segment(), keyBytes);
    }

    public boolean isVolumeKey(SecretBytes candidate) {
        return Digest.matches(digest(), candidate);
    }

    /** Whether the token's MAC is right for the header as it is. */
    public boolean verifyToken(SecretBytes macKey) {
        Map.Entry<String, JsonNode> entry =
                tokenEntry().orElseThrow(() -> new LuksException("the image has no sallyport-kms token"));
        ObjectNode json = (ObjectNode) entry.getValue();
        return Token.parse(json).verify(json, uuid(), digest(), segment(), macKey);
    }

    /**
     * Adds the token, or replaces the one that is there; crash-safe. A segment that says its size is given the token's in
     * the same write.
     */
    public void putToken(Token token, SecretBytes macKey) throws IOException {
        ObjectNode json = found.json().deepCopy();
        ObjectNode segment = segmentOf(json);
        if (!"dynamic".equals(segment.path("size").asText())) {
            segment.put("size", Long.toString(token.size()));
        }
        ObjectNode tokens = json.withObjectProperty("tokens");
        String id = tokenEntry().map(Map.Entry::getKey).orElseGet(() -> freeId(tokens));
        tokens.set(id, token.json(uuid(), digestOf(json), segment, macKey));
        write(json);
    }

    /** Adds a keyslot that the passphrase opens; crash-safe. */
    public int addPassphrase(SecretBytes volumeKey, SecretBytes passphrase) throws IOException {
        ObjectNode json = found.json().deepCopy();
        ObjectNode slots = json.withObjectProperty("keyslots");
        long area = new Layout(found).freeArea(Keyslot.areaSize(volumeKey.length()));
        String id = freeId(slots);
        slots.set(id, Keyslot.create(channel, area, volumeKey, passphrase));
        digestOf(json).withArrayProperty("keyslots").add(id);
        write(json);
        return Integer.parseInt(id);
    }

    /**
     * Removes a keyslot: first its area is overwritten, then it leaves the header, as {@code cryptsetup} does it, so that
     * whatever cuts this short, what is left of it opens nothing and it can be removed again.
     */
    public void removeKeyslot(int slot) throws IOException {
        ObjectNode json = found.json().deepCopy();
        JsonNode old = json.withObjectProperty("keyslots").remove(Integer.toString(slot));
        if (old == null) {
            throw new LuksException("there is no keyslot " + slot);
        }
        if (!Keyslot.TYPE.equals(old.path("type").asText())) {
            throw new LuksException("keyslot " + slot + " is not one of a passphrase");
        }
        for (JsonNode digest : json.path("digests")) {
            removeText(digest, slot);
        }
        for (JsonNode token : json.path("tokens")) {
            removeText(token, slot);
        }
        Layout.Area area = Layout.Area.of(old);
        KeyslotArea.wipe(channel, area.offset(), area.size());
        write(json);
    }

    /**
     * The keyslot that the passphrase opens, and the volume key it gives. Those of high priority come first; those to be
     * ignored, of other types, or of other keys are left out.
     *
     * @throws LuksException when it opens none, and one could not be tried
     */
    public Optional<OpenedSlot> openPassphrase(SecretBytes passphrase) throws IOException {
        LuksException untried = null;
        for (Map.Entry<String, ObjectNode> slot : byPriority()) {
            SecretBytes key;
            try {
                key = Keyslot.open(channel, slot.getValue(), passphrase);
            } catch (LuksException e) {
                untried = e;
                continue;
            }
            if (isVolumeKey(key)) {
                return Optional.of(new OpenedSlot(slotId(slot.getKey()), key));
            }
            key.close();
        }
        if (untried != null) {
            throw untried;
        }
        return Optional.empty();
    }

    private List<Map.Entry<String, ObjectNode>> byPriority() {
        List<Map.Entry<String, ObjectNode>> slots = new ArrayList<>();
        for (Map.Entry<String, JsonNode> slot :
                Json.object(found.json(), "keyslots").properties()) {
            if (slot.getValue() instanceof ObjectNode json
                    && Keyslot.TYPE.equals(json.path("type").asText())
                    && Keyslot.priority(json) > 0) {
                slots.add(Map.entry(slot.getKey(), json));
            }
        }
        slots.sort(Comparator.comparingInt(slot -> -Keyslot.priority(slot.getValue())));
        return slots;
    }

    private void write(ObjectNode json) throws IOException {
        BinaryHeader header = store.write(found, json);
        found = new HeaderStore.Found(header, json, HeaderStore.Copies.BOTH_WHOLE);
    }

    private Optional<Map.Entry<String, JsonNode>> tokenEntry() {
        return found.json().path("tokens").properties().stream()
                .filter(entry -> entry.getValue() instanceof ObjectNode json
                        && Token.TYPE.equals(json.path("type").asText()))
                .findFirst();
    }

    private ObjectNode segment() {
        return segmentOf(found.json());
    }

    private static ObjectNode segmentOf(ObjectNode json) {
        return (ObjectNode)
                Json.object(json, "segments").properties().iterator().next().getValue();
    }

    private ObjectNode digest() {
        return digestOf(found.json());
    }

    private static ObjectNode digestOf(ObjectNode json) {
        String segment = Json.object(json, "segments").fieldNames().next();
        for (JsonNode digest : Json.object(json, "digests")) {
            for (JsonNode id : digest.path("segments")) {
                if (id.asText().equals(segment) && digest instanceof ObjectNode object) {
                    return object;
                }
            }
        }
        throw new LuksException("the LUKS2 metadata has no digest of the volume key");
    }

    private static String freeId(ObjectNode objects) {
        for (int id = 0; id < Layout.MAX_OBJECTS; id++) {
            if (!objects.has(Integer.toString(id))) {
                return Integer.toString(id);
            }
        }
        throw new LuksException("all " + Layout.MAX_OBJECTS + " places are taken");
    }

    private static int slotId(String id) {
        if (!id.matches("\\d{1,2}")) {
            throw new LuksException("a keyslot has the id '" + Json.printable(id) + "'");
        }
        return Integer.parseInt(id);
    }

    private static void removeText(JsonNode holder, int slot) {
        if (holder.path("keyslots") instanceof com.fasterxml.jackson.databind.node.ArrayNode ids) {
            for (int i = ids.size() - 1; i >= 0; i--) {
                if (ids.get(i).asText().equals(Integer.toString(slot))) {
                    ids.remove(i);
                }
            }
        }
    }

    /** A keyslot and what it gave; the caller closes the key. No record, since it holds a secret. */
    public static final class OpenedSlot {
        private final int slot;
        private final SecretBytes volumeKey;

        OpenedSlot(int slot, SecretBytes volumeKey) {
            this.slot = slot;
            this.volumeKey = volumeKey;
        }

        public int slot() {
            return slot;
        }

        public SecretBytes volumeKey() {
            return volumeKey;
        }
    }
}

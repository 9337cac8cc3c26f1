package dev.sallyport.volume.luks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What a header must say before anything is read or written by it: the rules of the format whose breach {@code cryptsetup}
 * refuses too, and what this agent does not support.
 *
 * @see <a href="https://gitlab.com/cryptsetup/LUKS2-docs">LUKS2 On-Disk Format Specification, section 3</a>
 */
final class Layout {
    static final int MAX_OBJECTS = 32;

    private static final int ALIGNMENT = 4096;

    private final long headerSize;
    private final ObjectNode json;

    Layout(HeaderStore.Found found) {
        this.headerSize = found.header().headerSize;
        this.json = found.json();
    }

    /**
     * Checks all of it.
     *
     * @throws LuksException that names what is wrong or not supported
     */
    void validate() {
        requirements();
        for (String name : List.of("keyslots", "tokens", "segments", "digests", "config")) {
            ObjectNode objects = Json.object(json, name);
            if (!name.equals("config") && (objects.size() > MAX_OBJECTS || !holdsObjects(objects))) {
                throw new LuksException("the LUKS2 metadata's " + name + " are malformed");
            }
        }
        int segments = Json.object(json, "segments").size();
        if (segments != 1) {
            throw new LuksException("the image has " + segments + " segments; only one is supported");
        }
        if (Json.number(json.path("config"), "json_size") != headerSize - BinaryHeader.SIZE
                || Json.number(json.path("config"), "keyslots_size") % ALIGNMENT != 0
                || areasEnd() > dataOffset()) {
            throw new LuksException("the sizes in the LUKS2 metadata's config do not fit the image");
        }
        areas();
    }

    /** A requirement that is not known must be met by refusal; there is none that this agent knows. */
    private void requirements() {
        JsonNode requirements = json.path("config").path("requirements");
        if (requirements.isMissingNode()) {
            return;
        }
        JsonNode mandatory = requirements.path("mandatory");
        if (!requirements.isObject() || !(mandatory.isMissingNode() || mandatory instanceof ArrayNode)) {
            throw new LuksException("the LUKS2 metadata's requirements are malformed");
        }
        for (JsonNode requirement : mandatory) {
            String name = Json.printable(requirement.asText());
            throw new LuksException(
                    name.contains("reencrypt")
                            ? "the image is being re-encrypted ('" + name
                                    + "'); finish that first: cryptsetup reencrypt --resume-only"
                            : "the image requires '" + name + "', which is not supported");
        }
    }

    private static boolean holdsObjects(ObjectNode objects) {
        for (JsonNode object : objects) {
            if (!object.isObject()) {
                return false;
            }
        }
        return true;
    }

    private void areas() {
        List<Area> areas = new ArrayList<>();
        for (JsonNode slot : json.path("keyslots")) {
            if (slot.has("area")) {
                areas.add(Area.of(slot));
            }
        }
        areas.sort(Comparator.comparingLong(Area::offset));
        long free = areasStart();
        for (Area area : areas) {
            if (area.offset() < free || area.size() <= 0 || area.size() > areasEnd() - area.offset()) {
                throw new LuksException(
                        "the LUKS2 metadata's keyslot areas overlap, or leave the place meant for them");
            }
            free = area.offset() + area.size();
        }
    }

    /** Where a new area of so many bytes fits, between the others. */
    long freeArea(long length) {
        long at = areasStart();
        boolean moved = true;
        while (moved) {
            moved = false;
            for (JsonNode slot : json.path("keyslots")) {
                if (!slot.has("area")) {
                    continue;
                }
                Area area = Area.of(slot);
                long end = Math.addExact(area.offset(), area.size());
                if (at < end && area.offset() < at + length) {
                    at = (end + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
                    moved = true;
                }
            }
        }
        if (length > areasEnd() - at) {
            throw new LuksException("the keyslots area has no room for another keyslot");
        }
        return at;
    }

    private long areasStart() {
        return 2 * headerSize;
    }

    private long areasEnd() {
        return areasStart() + Json.number(json.path("config"), "keyslots_size");
    }

    private long dataOffset() {
        return Json.number(Json.object(json, "segments").iterator().next(), "offset");
    }

    /** Where a keyslot's material lies, in bytes. */
    record Area(long offset, long size) {
        static Area of(JsonNode slot) {
            return new Area(Json.number(slot.path("area"), "offset"), Json.number(slot.path("area"), "size"));
        }
    }
}

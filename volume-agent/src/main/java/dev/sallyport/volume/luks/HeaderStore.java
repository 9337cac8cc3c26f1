package dev.sallyport.volume.luks;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The two copies of the header of one image. A write replaces the older copy first and syncs it, then the other, so that
 * at every moment one whole copy is on the disk; an open takes the newer whole one and repairs the other.
 *
 * @see <a href="https://gitlab.com/cryptsetup/LUKS2-docs">LUKS2 On-Disk Format Specification, sections 2 and 4</a>
 */
public final class HeaderStore {
    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(64)
                    .maxStringLength(4 << 20)
                    .build())
            .build());

    private final FileChannel channel;

    public HeaderStore(FileChannel channel) {
        this.channel = channel;
    }

    /** What an image's copies say. */
    public enum Copies {
        BOTH_WHOLE,
        FIRST_DAMAGED,
        SECOND_DAMAGED,
        SECOND_OLDER,
        FIRST_OLDER
    }

    /** The newer whole copy, and how the two stand to each other. Nothing is written. */
    public Found read() throws IOException {
        byte[] start = readAt(0, BinaryHeader.SIZE);
        if (start.length == BinaryHeader.SIZE && BinaryHeader.looksLikeLuks(start) && start[6] == 0 && start[7] == 1) {
            throw new LuksException("this is a LUKS1 image; convert it first: cryptsetup convert --type luks2");
        }
        Copy first = copyAt(0, BinaryHeader.claimedSize(start, 0));
        Copy second = null;
        if (first != null) {
            second = copyAt(first.header().headerSize, first.header().headerSize);
        } else {
            for (long size = 16384; size <= 4L << 20 && second == null; size *= 2) {
                byte[] head = readAt(size, BinaryHeader.SIZE);
                if (BinaryHeader.claimedSize(head, size) == size) {
                    second = copyAt(size, size);
                }
            }
        }
        if (first == null) {
            if (second == null) {
                throw new LuksException(
                        BinaryHeader.looksLikeLuks(start)
                                ? "both copies of the LUKS2 header are damaged; restore a header backup"
                                : "this is not a LUKS2 image");
            }
            return new Found(second.header(), second.json(), Copies.FIRST_DAMAGED);
        }
        if (second == null) {
            return new Found(first.header(), first.json(), Copies.SECOND_DAMAGED);
        }
        int order = Long.compareUnsigned(first.header().sequenceId, second.header().sequenceId);
        if (order == 0) {
            return new Found(first.header(), first.json(), Copies.BOTH_WHOLE);
        }
        return order > 0
                ? new Found(first.header(), first.json(), Copies.SECOND_OLDER)
                : new Found(second.header(), second.json(), Copies.FIRST_OLDER);
    }

    /** Reads, and where the copies differ writes the newer one over the other. */
    public Found readAndRepair() throws IOException {
        Found found = read();
        if (found.copies() != Copies.BOTH_WHOLE) {
            boolean first = found.copies() == Copies.FIRST_DAMAGED || found.copies() == Copies.FIRST_OLDER;
            writeCopy(found.header(), bytes(found.json()), first ? 0 : found.header().headerSize);
        }
        return found;
    }

    /**
     * Replaces both copies, each synced before the next is touched.
     *
     * @return the header as it is now
     */
    public BinaryHeader write(Found before, ObjectNode json) throws IOException {
        BinaryHeader header = new BinaryHeader(
                before.header().headerSize,
                before.header().sequenceId + 1,
                before.header().label,
                before.header().subsystem,
                before.header().uuid);
        boolean secondFirst = before.copies() == Copies.SECOND_DAMAGED || before.copies() == Copies.SECOND_OLDER;
        writeBoth(header, json, secondFirst);
        return header;
    }

    void writeBoth(BinaryHeader header, ObjectNode json, boolean secondFirst) throws IOException {
        byte[] bytes = bytes(json);
        writeCopy(header, bytes, secondFirst ? header.headerSize : 0);
        writeCopy(header, bytes, secondFirst ? 0 : header.headerSize);
    }

    private void writeCopy(BinaryHeader header, byte[] json, long offset) throws IOException {
        ByteBuffer copy = ByteBuffer.wrap(header.write(json, offset));
        while (copy.hasRemaining()) {
            channel.write(copy, offset + copy.position());
        }
        channel.force(true);
    }

    private @Nullable Copy copyAt(long offset, long size) throws IOException {
        if (size < 0) {
            return null;
        }
        byte[] bytes = readAt(offset, (int) size);
        BinaryHeader header = bytes.length == size ? BinaryHeader.parse(bytes, offset) : null;
        if (header == null) {
            return null;
        }
        int end = BinaryHeader.SIZE;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        try {
            JsonNode json = JSON.readTree(bytes, BinaryHeader.SIZE, end - BinaryHeader.SIZE);
            return json instanceof ObjectNode object ? new Copy(header, object) : null;
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    private byte[] readAt(long offset, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining() && channel.read(bytes, offset + bytes.position()) > 0) {}
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    static byte[] bytes(ObjectNode json) {
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }

    private record Copy(BinaryHeader header, ObjectNode json) {}

    /**
     * What was read.
     *
     * @param header of the newer whole copy
     * @param json its metadata, whole: also what this agent does not understand
     * @param copies how the copies stand to each other
     */
    public record Found(BinaryHeader header, ObjectNode json, Copies copies) {}
}

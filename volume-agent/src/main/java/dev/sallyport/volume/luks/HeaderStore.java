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
import java.util.Optional;
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
        if (isLuks1(start)) {
            throw new LuksException("this is a LUKS1 image; convert it first: cryptsetup convert --type luks2");
        }
        Copy first = firstCopy(start);
        Copy second = secondCopy(first);
        if (first == null) {
            if (second == null) {
                throw new LuksException(
                        BinaryHeader.looksLikeLuks(start)
                                ? "both copies of the LUKS2 header are damaged; restore a header backup:"
                                        + " cryptsetup luksHeaderRestore"
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

    /** Each copy by itself, also where both are damaged. Nothing is written. */
    public Report report() throws IOException {
        Copy first = firstCopy(readAt(0, BinaryHeader.SIZE));
        Copy second = secondCopy(first);
        boolean same = first != null
                && second != null
                && first.json().equals(second.json())
                && first.header().uuid.equals(second.header().uuid)
                && first.header().label.equals(second.header().label)
                && first.header().subsystem.equals(second.header().subsystem);
        return new Report(
                first == null ? Optional.empty() : Optional.of(first.header().sequenceId),
                second == null ? Optional.empty() : Optional.of(second.header().sequenceId),
                same);
    }

    private static boolean isLuks1(byte[] start) {
        return start.length == BinaryHeader.SIZE && BinaryHeader.looksLikeLuks(start) && start[6] == 0 && start[7] == 1;
    }

    private @Nullable Copy firstCopy(byte[] start) throws IOException {
        return copyAt(0, BinaryHeader.claimedSize(start, 0));
    }

    /** Where the first copy says, or without one, wherever the format allows it. */
    private @Nullable Copy secondCopy(@Nullable Copy first) throws IOException {
        if (first != null) {
            return copyAt(first.header().headerSize, first.header().headerSize);
        }
        for (long size = 16384; size <= 4L << 20; size *= 2) {
            byte[] head = readAt(size, BinaryHeader.SIZE);
            Copy second = BinaryHeader.claimedSize(head, size) == size ? copyAt(size, size) : null;
            if (second != null) {
                return second;
            }
        }
        return null;
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
     * What each copy is by itself.
     *
     * @param first sequence id of the first copy; empty when it is damaged
     * @param second sequence id of the second one; empty when it is damaged or not found
     * @param same whether both say the same
     */
    public record Report(Optional<Long> first, Optional<Long> second, boolean same) {}

    /**
     * What was read.
     *
     * @param header of the newer whole copy
     * @param json its metadata, whole: also what this agent does not understand
     * @param copies how the copies stand to each other
     */
    public record Found(BinaryHeader header, ObjectNode json, Copies copies) {}
}

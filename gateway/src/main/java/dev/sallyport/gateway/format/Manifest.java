package dev.sallyport.gateway.format;

import dev.sallyport.gateway.checksum.ChecksumAlgorithm;
import dev.sallyport.kms.crypto.SecretBytes;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a multipart object, in order, with what is known of the whole; the message in its tail.
 *
 * <pre>
 *   1 version, 1 number of the parts' checksum algorithm or 0, 2 length of the facts, 4 number of parts, facts,
 *   then for each part: 2 part number, 8 length, 16 nonce, checksum
 * </pre>
 *
 * @param parts in ascending part numbers; at least one, and only the last may be empty
 * @param partChecksums the algorithm of the parts' checksums; null for none
 * @param facts of the whole object
 */
public record Manifest(List<ManifestEntry> parts, @Nullable ChecksumAlgorithm partChecksums, ContentFacts facts) {
    /** The most that a manifest takes beyond its entries. */
    public static final int MAX_FRAME_LENGTH = 8 + 4 * 33 + 17;

    public Manifest {
        parts = List.copyOf(parts);
        if (parts.isEmpty() || parts.size() > 10_000) {
            throw new IllegalArgumentException(parts.size() + " parts");
        }
        int before = 0;
        boolean emptyBefore = false;
        for (ManifestEntry part : parts) {
            if (part.partNumber() <= before || (part.checksum() == null) != (partChecksums == null)) {
                throw new IllegalArgumentException("part " + part.partNumber() + " behind part " + before);
            }
            if (before > 0 && emptyBefore) {
                throw new IllegalArgumentException("an empty part before part " + part.partNumber());
            }
            before = part.partNumber();
            emptyBefore = part.length() == 0;
        }
    }

    /** Bytes of plaintext of the whole object. */
    public long length() {
        return parts.stream().mapToLong(ManifestEntry::length).sum();
    }

    /** Bytes that the parts take in the store, headers included: the offset of the tail. */
    public long partsLength() {
        return parts.stream().mapToLong(ManifestEntry::storedLength).sum();
    }

    /**
     * Seals the tail that completes the object.
     *
     * @throws IllegalArgumentException when the parts break the 5 MiB rule so far that their manifest has no room
     */
    public byte[] sealTail(SecretBytes dataKey, ObjectKeys keys) {
        long tailLength = SizeFormula.storedSize(length()) - partsLength();
        return Tail.seal(dataKey, keys, Layout.MULTIPART, encode(), tailLength);
    }

    /**
     * Opens the tail of an object that has {@code storedSize} bytes in the store.
     *
     * @throws ForgedObjectException when it is not the tail of this object, or not of that size
     */
    public static Manifest openTail(SecretBytes dataKey, ObjectKeys keys, byte[] tail, long storedSize) {
        Manifest manifest = decode(Tail.open(dataKey, keys, Layout.MULTIPART, tail));
        long length = manifest.length();
        if (length == 0
                || SizeFormula.storedSize(length) != storedSize
                || manifest.partsLength() + tail.length != storedSize) {
            throw new ForgedObjectException(
                    "object " + keys.objectId() + " has " + storedSize + " bytes, not those of its manifest");
        }
        return manifest;
    }

    byte[] encode() {
        byte[] encodedFacts = facts.encode();
        int checksumLength = partChecksums == null ? 0 : partChecksums.length();
        ByteBuffer bytes =
                ByteBuffer.allocate(8 + encodedFacts.length + parts.size() * (10 + Id128.LENGTH + checksumLength));
        bytes.put((byte) ObjectKeys.VERSION);
        bytes.put((byte) (partChecksums == null ? 0 : ContentFacts.code(partChecksums)));
        bytes.putShort((short) encodedFacts.length).putInt(parts.size()).put(encodedFacts);
        for (ManifestEntry part : parts) {
            bytes.putShort((short) part.partNumber()).putLong(part.length());
            part.nonce().write(bytes);
            if (part.checksum() != null) {
                byte[] checksum = Base64.getDecoder().decode(part.checksum());
                if (checksum.length != checksumLength) {
                    throw new IllegalArgumentException("a checksum of " + checksum.length + " bytes");
                }
                bytes.put(checksum);
            }
        }
        return bytes.array();
    }

    static Manifest decode(ByteBuffer bytes) {
        try {
            int version = bytes.get();
            int code = bytes.get();
            ChecksumAlgorithm algorithm = ContentFacts.ofCode(code);
            if (version != ObjectKeys.VERSION || (code != 0 && algorithm == null)) {
                throw new ForgedObjectException("a manifest of version " + version);
            }
            int factsLength = bytes.getShort() & 0xFFFF;
            int count = bytes.getInt();
            ByteBuffer factsBytes = bytes.slice(bytes.position(), factsLength);
            bytes.position(bytes.position() + factsLength);
            ContentFacts facts = ContentFacts.decode(factsBytes);
            List<ManifestEntry> parts = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int partNumber = bytes.getShort() & 0xFFFF;
                long length = bytes.getLong();
                Id128 nonce = Id128.read(bytes);
                String checksum = null;
                if (algorithm != null) {
                    byte[] value = new byte[algorithm.length()];
                    bytes.get(value);
                    checksum = Base64.getEncoder().encodeToString(value);
                }
                parts.add(new ManifestEntry(partNumber, nonce, length, checksum));
            }
            ContentFacts.requireZeros(bytes);
            return new Manifest(parts, algorithm, facts);
        } catch (BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException e) {
            throw new ForgedObjectException("a manifest that is not well formed");
        }
    }
}

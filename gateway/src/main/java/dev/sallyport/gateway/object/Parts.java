package dev.sallyport.gateway.object;

import dev.sallyport.gateway.format.ContentFacts;
import dev.sallyport.gateway.format.Manifest;
import dev.sallyport.gateway.format.ManifestEntry;
import dev.sallyport.gateway.s3.S3Exception;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads by part number. An object that was not uploaded in parts is one part. */
final class Parts {
    private Parts() {}

    /**
     * A part of an object.
     *
     * @param index in the manifest
     * @param range in the object; null for an empty part
     * @param entry in the manifest; null when the object has none
     */
    record Part(
            int index,
            ByteRange.@Nullable Resolved range,
            @Nullable ManifestEntry entry) {
        long length() {
            return range == null ? 0 : range.last() - range.first() + 1;
        }
    }

    /** @throws S3Exception {@code InvalidPartNumber} when there is no such part */
    static Part find(StoredObject object, @Nullable Manifest manifest, int partNumber) {
        if (manifest == null) {
            if (partNumber != 1) {
                throw invalid(partNumber, 1);
            }
            return new Part(0, range(0, object.length()), null);
        }
        long offset = 0;
        List<ManifestEntry> parts = manifest.parts();
        for (int i = 0; i < parts.size(); i++) {
            ManifestEntry entry = parts.get(i);
            if (entry.partNumber() == partNumber) {
                return new Part(i, range(offset, entry.length()), entry);
            }
            offset += entry.length();
        }
        throw invalid(partNumber, parts.size());
    }

    /** The part's own checksum; of an object that is one part, the object's. */
    static void addChecksums(
            ReadAnswer answer, Part part, @Nullable Manifest manifest, Supplier<ContentFacts> ofObject) {
        ManifestEntry entry = part.entry();
        if (manifest == null || entry == null) {
            answer.checksums(ofObject.get(), 0);
            return;
        }
        String value = entry.checksum();
        if (value != null && manifest.partChecksums() != null) {
            ContentFacts.Checksum own = new ContentFacts.Checksum(manifest.partChecksums(), false, value);
            answer.checksums(new ContentFacts(List.of(own), null), 0);
        }
    }

    private static ByteRange.@Nullable Resolved range(long offset, long length) {
        return length == 0 ? null : new ByteRange.Resolved(offset, offset + length - 1);
    }

    private static S3Exception invalid(int requested, int count) {
        return new S3Exception(416, "InvalidPartNumber", "The requested partnumber is not satisfiable")
                .with("PartNumberRequested", Integer.toString(requested))
                .with("ActualPartCount", Integer.toString(count));
    }
}

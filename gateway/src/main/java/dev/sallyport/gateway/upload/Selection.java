package dev.sallyport.gateway.upload;

import dev.sallyport.gateway.checksum.ChecksumAlgorithm;
import dev.sallyport.gateway.checksum.CrcCombination;
import dev.sallyport.gateway.checksum.RunningChecksum;
import dev.sallyport.gateway.format.ContentFacts;
import dev.sallyport.gateway.format.Manifest;
import dev.sallyport.gateway.format.ManifestEntry;
import dev.sallyport.gateway.format.SizeFormula;
import dev.sallyport.gateway.object.SealingKey;
import dev.sallyport.gateway.s3.S3Errors;
import dev.sallyport.gateway.s3.S3Exception;
import dev.sallyport.gateway.s3.UploadRequest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The parts that an object is completed of: those of the client's list, held against the tables and S3's rules.
 *
 * @param parts in ascending numbers; at least one
 */
record Selection(List<Part> parts) {
    private record Name(int number, String etag) {}

    Selection {
        parts = List.copyOf(parts);
    }

    /**
     * @param known all forms of all parts
     * @throws S3Exception {@code InvalidPartOrder}, {@code InvalidPart}, {@code EntityTooSmall}
     */
    static Selection of(PartList list, List<Part> known, String uploadId) {
        int before = 0;
        for (PartList.Entry entry : list.entries()) {
            if (entry.number() <= before) {
                throw new S3Exception(
                                400,
                                "InvalidPartOrder",
                                "The list of parts was not in ascending order. Parts must be ordered by part number.")
                        .with("UploadId", uploadId);
            }
            before = entry.number();
        }
        Map<Name, Part> byName = new HashMap<>();
        known.forEach(part -> byName.put(new Name(part.number(), part.etag()), part));
        List<Part> parts = new ArrayList<>();
        for (PartList.Entry entry : list.entries()) {
            Part part = byName.get(new Name(entry.number(), entry.etag()));
            if (part == null) {
                throw invalidPart(entry, uploadId);
            }
            parts.add(part);
        }
        for (Part part : parts.subList(0, parts.size() - 1)) {
            if (part.size() < SizeFormula.MIN_PART) {
                throw new S3Exception(
                                400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
                        .with("ETag", part.etag())
                        .with("MinSizeAllowed", Long.toString(SizeFormula.MIN_PART))
                        .with("PartNumber", Integer.toString(part.number()))
                        .with("ProposedSize", Long.toString(part.size()));
            }
        }
        return new Selection(parts);
    }

    /** Bytes of plaintext of the object. */
    long length() {
        return parts.stream().mapToLong(Part::size).sum();
    }

    Part last() {
        return parts.getLast();
    }

    /**
     * Holds every checksum that the client gave against those of the parts.
     *
     * @return the object's manifest, the object's own checksum in its facts
     * @throws S3Exception {@code InvalidPart}, {@code BadDigest}, {@code InvalidRequest}
     */
    Manifest verify(Upload upload, PartList list, UploadRequest.CompleteMultipartUpload request, SealingKey key) {
        requireType(upload, request);
        ChecksumAlgorithm algorithm = upload.keptChecksum();
        List<ManifestEntry> entries = new ArrayList<>();
        List<String> checksums = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            String checksum = Uploads.checksum(key, part).value();
            requireSame(upload, list.entries().get(i), checksum);
            checksums.add(checksum);
            entries.add(
                    new ManifestEntry(part.number(), part.nonce(), part.size(), upload.composite() ? checksum : null));
        }
        String value = upload.composite() ? composite(algorithm, checksums) : fullObject(algorithm, checksums);
        requireObject(upload, request, algorithm, value);
        ContentFacts facts =
                new ContentFacts(List.of(new ContentFacts.Checksum(algorithm, upload.composite(), value)), null);
        return new Manifest(entries, upload.composite() ? algorithm : null, facts);
    }

    private static void requireType(Upload upload, UploadRequest.CompleteMultipartUpload request) {
        String type = request.checksumType();
        String expected = upload.checksum() == null ? "null" : upload.checksumType();
        if (type != null && !type.equals(expected)) {
            throw S3Errors.invalidRequest("The upload was created using the " + expected
                    + " checksum mode. The complete request must use the same checksum mode.");
        }
    }

    private static void requireSame(Upload upload, PartList.Entry entry, String checksum) {
        ChecksumAlgorithm algorithm = upload.checksum();
        for (Map.Entry<ChecksumAlgorithm, String> sent : entry.checksums().entrySet()) {
            if (algorithm != null && sent.getKey() != algorithm) {
                throw new S3Exception(
                        400,
                        "BadDigest",
                        "The " + lower(sent.getKey()) + " you specified for part " + entry.number()
                                + " did not match what we received.");
            }
            if (algorithm == null || !sent.getValue().equals(checksum)) {
                throw invalidPart(entry, upload.id());
            }
        }
        if (algorithm != null && upload.composite() && entry.checksums().isEmpty()) {
            throw S3Errors.invalidRequest("The upload was created using a " + lower(algorithm)
                    + " checksum. The complete request must include the checksum for each part. It was missing for part "
                    + entry.number() + " in the request.");
        }
    }

    private static void requireObject(
            Upload upload, UploadRequest.CompleteMultipartUpload request, ChecksumAlgorithm algorithm, String value) {
        ChecksumAlgorithm sent = request.digests().algorithm();
        String expected = request.digests().value();
        if (sent == null || expected == null) {
            return;
        }
        if (sent != algorithm || !expected.equals(value)) {
            ChecksumAlgorithm named = upload.checksum() == null ? sent : algorithm;
            throw new S3Exception(
                    400, "BadDigest", "The " + lower(named) + " you specified did not match the calculated checksum.");
        }
    }

    private static String composite(ChecksumAlgorithm algorithm, List<String> checksums) {
        RunningChecksum running = RunningChecksum.of(algorithm);
        for (String checksum : checksums) {
            byte[] bytes = Base64.getDecoder().decode(checksum);
            running.update(bytes, 0, bytes.length);
        }
        return running.finishBase64();
    }

    private String fullObject(ChecksumAlgorithm algorithm, List<String> checksums) {
        CrcCombination whole = new CrcCombination(algorithm);
        for (int i = 0; i < parts.size(); i++) {
            whole.add(checksums.get(i), parts.get(i).size());
        }
        return whole.value();
    }

    private static S3Exception invalidPart(PartList.Entry entry, String uploadId) {
        return new S3Exception(
                        400,
                        "InvalidPart",
                        "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.")
                .with("ETag", entry.etag())
                .with("PartNumber", Integer.toString(entry.number()))
                .with("UploadId", uploadId);
    }

    private static String lower(ChecksumAlgorithm algorithm) {
        return algorithm.name().toLowerCase(Locale.ROOT);
    }
}

package dev.sallyport.gateway.upload;

import dev.sallyport.gateway.checksum.ChecksumAlgorithm;
import dev.sallyport.gateway.format.SizeFormula;
import dev.sallyport.gateway.s3.S3Errors;
import dev.sallyport.gateway.s3.S3Exception;
import dev.sallyport.gateway.s3.XmlElement;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * The parts that Complete names, in the client's order.
 *
 * @param entries 1 to 10,000
 */
record PartList(List<Entry> entries) {
    /** The most that a body of Complete takes: 10,000 parts with checksums and white space. */
    static final int MAX_BODY = 8 << 20;

    /**
     * @param etag without quotes
     * @param checksums as sent
     */
    record Entry(int number, String etag, Map<ChecksumAlgorithm, String> checksums) {
        Entry {
            checksums = Map.copyOf(checksums);
        }
    }

    PartList {
        entries = List.copyOf(entries);
    }

    /** @throws S3Exception {@code MalformedXML}, or {@code InvalidRequest} for an empty list */
    static PartList parse(byte[] body) {
        List<Entry> entries = new ArrayList<>();
        for (XmlElement child :
                XmlElement.parse(body, "CompleteMultipartUpload").children()) {
            if (!child.name().equals("Part")) {
                throw S3Errors.malformedXml();
            }
            entries.add(entry(child));
        }
        if (entries.isEmpty()) {
            throw S3Errors.invalidRequest("You must specify at least one part");
        }
        if (entries.size() > SizeFormula.LAST_PART_NUMBER) {
            throw S3Errors.malformedXml();
        }
        return new PartList(entries);
    }

    private static Entry entry(XmlElement part) {
        String etag = null;
        int number = 0;
        Map<ChecksumAlgorithm, String> checksums = new EnumMap<>(ChecksumAlgorithm.class);
        for (XmlElement child : part.children()) {
            String text = child.text().strip();
            switch (child.name()) {
                case "ETag" -> etag = text.replace("\"", "");
                case "PartNumber" -> number = number(text);
                default -> {
                    for (ChecksumAlgorithm algorithm : ChecksumAlgorithm.values()) {
                        if (child.name().equals(algorithm.xmlName())) {
                            checksums.put(algorithm, text);
                        }
                    }
                }
            }
        }
        if (etag == null || etag.isEmpty() || number == 0) {
            throw S3Errors.malformedXml();
        }
        return new Entry(number, etag, checksums);
    }

    private static int number(String text) {
        if (!text.matches("[0-9]{1,9}")) {
            throw S3Errors.malformedXml();
        }
        int number = Integer.parseInt(text);
        if (number < 1 || number > SizeFormula.LAST_PART_NUMBER) {
            throw S3Errors.invalidArgument("PartNumber must be >= 1 and <= 10000", "partNumber", text);
        }
        return number;
    }

    /** Tells lists apart: a retry names the same parts. */
    String hash() {
        StringBuilder text = new StringBuilder();
        entries.forEach(entry ->
                text.append(entry.number()).append(' ').append(entry.etag()).append('\n'));
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}

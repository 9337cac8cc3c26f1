package dev.sallyport.gateway.object;

import dev.sallyport.gateway.s3.S3Errors;
import dev.sallyport.gateway.s3.S3Exception;
import dev.sallyport.gateway.s3.XmlElement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The body of DeleteObjects.
 *
 * @param quiet whether the answer names errors only
 * @param entries 1 to 1,000
 */
record DeleteList(boolean quiet, List<Entry> entries) {
    private static final int MOST = 1000;

    /** @param condition the name of an element that makes this deletion a conditional one; null for none */
    record Entry(
            String key,
            @Nullable String versionId,
            @Nullable String condition) {}

    /** @throws S3Exception {@code MalformedXML} */
    static DeleteList parse(byte[] body) {
        boolean quiet = false;
        List<Entry> entries = new ArrayList<>();
        for (XmlElement child : XmlElement.parse(body, "Delete").children()) {
            switch (child.name()) {
                case "Quiet" -> quiet = child.text().strip().equalsIgnoreCase("true");
                case "Object" -> entries.add(entry(child));
                default -> throw S3Errors.malformedXml();
            }
        }
        if (entries.isEmpty() || entries.size() > MOST) {
            throw S3Errors.malformedXml();
        }
        return new DeleteList(quiet, entries);
    }

    private static Entry entry(XmlElement object) {
        String key = null;
        String version = null;
        String condition = null;
        for (XmlElement child : object.children()) {
            switch (child.name()) {
                case "Key" -> key = child.text();
                case "VersionId" -> version = child.text();
                case "ETag", "LastModifiedTime", "Size" -> condition = child.name();
                default -> throw S3Errors.malformedXml();
            }
        }
        if (key == null || key.isEmpty()) {
            throw S3Errors.malformedXml();
        }
        return new Entry(
                key, version == null || version.isEmpty() || version.equals("null") ? null : version, condition);
    }
}

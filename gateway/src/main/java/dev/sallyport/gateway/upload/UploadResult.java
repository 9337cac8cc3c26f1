package dev.sallyport.gateway.upload;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a completed upload became; kept for a day, so that a client's retry gets the same answer.
 *
 * @param etag the store's, without quotes
 * @param facts the object's checksum, sealed, in base64
 * @param parts how many
 */
record UploadResult(String etag, @Nullable String versionId, String facts, int parts) {
    String toJson() {
        Map<String, String> map = new HashMap<>(Map.of("etag", etag, "facts", facts, "parts", Integer.toString(parts)));
        if (versionId != null) {
            map.put("version", versionId);
        }
        return UploadTables.json(map);
    }

    static UploadResult ofJson(String json) {
        Map<String, String> map = UploadTables.map(json);
        return new UploadResult(
                map.getOrDefault("etag", ""),
                map.get("version"),
                map.getOrDefault("facts", ""),
                Integer.parseInt(map.getOrDefault("parts", "0")));
    }
}

package dev.sallyport.gateway.backend;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sallyport.gateway.backend.BackendRequest.QueryPair;
import dev.sallyport.gateway.s3.XmlElement;
import dev.sallyport.gateway.s3.XmlWriter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tries whether the store heeds a condition: with one that cannot hold, on an object that is there. Some stores break down on
 * what they do not know; one that is down altogether shows at the next plain request.
 */
final class ConditionProbe {
    private static final byte[] NOTHING = new byte[0];
    private static final String OTHER_ETAG = "\"00000000000000000000000000000000\"";
    private static final int NOT_UNDERSTOOD = 501;
    private static final int FAILED = 412;
    private static final int MAX_ANSWER = 64 << 10;

    private final StoreClient client;
    private final EventLoop loop;
    private final String bucket;
    private final String key;

    /** @param key of an object that is there, and may be replaced */
    ConditionProbe(StoreClient client, EventLoop loop, String bucket, String key) {
        this.client = client;
        this.loop = loop;
        this.bucket = bucket;
        this.key = key;
    }

    StoreCapabilities run(String other) {
        return new StoreCapabilities(
                put(new DefaultHttpHeaders()),
                new StoreCapabilities.OnTarget(completes("if-none-match", "*"), completes("if-match", OTHER_ETAG)),
                put(new DefaultHttpHeaders().set("x-amz-copy-source", bucket + '/' + other)),
                attempt("DELETE", key, List.of(), new DefaultHttpHeaders().set("if-match", OTHER_ETAG), NOTHING)
                        == FAILED,
                attempt("PUT", key, List.of(), copySourceIfMatch(other), NOTHING) == FAILED);
    }

    private StoreCapabilities.OnTarget put(HttpHeaders headers) {
        HttpHeaders ifNoneMatch = headers.copy().set("if-none-match", "*");
        HttpHeaders ifMatch = headers.copy().set("if-match", OTHER_ETAG);
        return new StoreCapabilities.OnTarget(
                attempt("PUT", key, List.of(), ifNoneMatch, NOTHING) == FAILED,
                attempt("PUT", key, List.of(), ifMatch, NOTHING) == FAILED);
    }

    private HttpHeaders copySourceIfMatch(String other) {
        return new DefaultHttpHeaders()
                .set("x-amz-copy-source", bucket + '/' + other)
                .set("x-amz-copy-source-if-match", OTHER_ETAG);
    }

    /** Whether an upload of one part, which would replace the object, is not completed. */
    private boolean completes(String condition, String value) {
        try {
            String id = field("POST", List.of(new QueryPair("uploads", "")), "UploadId");
            if (id == null) {
                return false;
            }
            QueryPair upload = new QueryPair("uploadId", id);
            try {
                return refuses(upload, condition, value);
            } finally {
                attempt("DELETE", key, List.of(upload), new DefaultHttpHeaders(), NOTHING);
            }
        } catch (BackendUnavailableException e) {
            return false;
        }
    }

    private boolean refuses(QueryPair upload, String condition, String value) {
        String etag;
        BackendRequest part = new BackendRequest(
                "PUT", bucket, key, List.of(new QueryPair("partNumber", "1"), upload), new DefaultHttpHeaders());
        try (BackendResponse response = client.execute(loop, part, new byte[1])) {
            response.readBody(MAX_ANSWER);
            etag = response.headers().get("etag");
        }
        if (etag == null) {
            return false;
        }
        byte[] list = XmlWriter.document("CompleteMultipartUpload")
                .open("Part")
                .element("PartNumber", 1)
                .element("ETag", etag.replace("\"", ""))
                .toBytes();
        HttpHeaders headers =
                new DefaultHttpHeaders().set("content-type", "application/xml").set(condition, value);
        return attempt("POST", key, List.of(upload), headers, list) == FAILED;
    }

    private @Nullable String field(String method, List<QueryPair> query, String name) {
        BackendRequest request = new BackendRequest(method, bucket, key, query, new DefaultHttpHeaders());
        try (BackendResponse response = client.execute(loop, request, NOTHING)) {
            XmlElement answer = XmlElement.parseOrNull(response.readBody(MAX_ANSWER));
            return answer == null ? null : answer.childText(name);
        }
    }

    private int attempt(String method, String name, List<QueryPair> query, HttpHeaders headers, byte[] body) {
        BackendRequest request = new BackendRequest(method, bucket, name, query, headers);
        try (BackendResponse response = client.execute(loop, request, body)) {
            String answer = new String(response.readBody(MAX_ANSWER), UTF_8);
            boolean inside = response.status() == 200 && answer.contains("<Code>PreconditionFailed</Code>");
            return inside ? FAILED : response.status();
        } catch (BackendUnavailableException e) {
            return NOT_UNDERSTOOD;
        }
    }
}

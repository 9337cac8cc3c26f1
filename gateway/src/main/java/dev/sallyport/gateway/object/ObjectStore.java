package dev.sallyport.gateway.object;

import dev.sallyport.gateway.backend.Backend;
import dev.sallyport.gateway.backend.BackendRequest;
import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.backend.BackendUpload;
import dev.sallyport.gateway.bucket.BucketNames;
import dev.sallyport.gateway.format.ETags;
import dev.sallyport.gateway.operation.StoreErrors;
import dev.sallyport.gateway.s3.ReadConditions;
import dev.sallyport.gateway.s3.S3Errors;
import dev.sallyport.gateway.s3.S3Exception;
import dev.sallyport.gateway.s3.WriteConditions;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Requests on objects to the store, by the gateway's names of buckets, and its refusals as S3's. */
public final class ObjectStore {
    private static final byte[] NOTHING = new byte[0];

    private final Backend backend;
    private final BucketNames names;

    public ObjectStore(Backend backend, BucketNames names) {
        this.backend = backend;
        this.names = names;
    }

    /** GET, or HEAD. The answer, whatever its status, is the caller's to close. */
    BackendResponse read(EventLoop loop, String method, String bucket, String key, HttpHeaders headers) {
        return backend.execute(loop, request(method, bucket, key, headers), NOTHING);
    }

    /** PUT of a body in memory. */
    BackendResponse put(EventLoop loop, String bucket, String key, HttpHeaders headers, byte[] body) {
        return backend.execute(loop, request("PUT", bucket, key, headers), body);
    }

    /** PUT of a body that streams. */
    BackendUpload upload(EventLoop loop, String bucket, String key, HttpHeaders headers, long contentLength) {
        return backend.upload(loop, request("PUT", bucket, key, headers), contentLength);
    }

    private BackendRequest request(String method, String bucket, String key, HttpHeaders headers) {
        return new BackendRequest(method, names.toStore(bucket), key, List.of(), headers);
    }

    /** The conditions of a read, in the store's ETags. */
    static HttpHeaders conditions(ReadConditions asked) {
        ReadConditions conditions = Conditions.forStore(asked);
        HttpHeaders headers = new DefaultHttpHeaders();
        set(headers, "if-match", etags(conditions.ifMatch()));
        set(headers, "if-none-match", etags(conditions.ifNoneMatch()));
        set(headers, "if-modified-since", conditions.ifModifiedSince());
        set(headers, "if-unmodified-since", conditions.ifUnmodifiedSince());
        return headers;
    }

    /** The refusal of a read: which condition it was is known here only. */
    static S3Exception refusal(BackendResponse response, String bucket, String key, ReadConditions conditions) {
        int status = response.status();
        if (status == 412 || status == 304) {
            HttpHeaders headers = response.headers();
            response.close();
            if (status == 412) {
                return S3Errors.preconditionFailed(conditions.ifMatch() != null ? "If-Match" : "If-Unmodified-Since");
            }
            String etag = headers.get("etag");
            S3Exception unchanged = new S3Exception(304, "NotModified", "Not Modified");
            return etag == null ? unchanged : unchanged.with("ETag", ETags.toClient(etag));
        }
        return StoreErrors.of(response, bucket, key);
    }

    /** The refusal of a write, and which condition it was. */
    S3Exception refusal(
            EventLoop loop, BackendResponse response, String bucket, String key, WriteConditions conditions) {
        return TargetConditions.refusal(response, conditions, bucket, key, () -> isMissing(loop, bucket, key));
    }

    /** Whether the store has no object of this name. */
    boolean isMissing(EventLoop loop, String bucket, String key) {
        try (BackendResponse head = read(loop, "HEAD", bucket, key, new DefaultHttpHeaders())) {
            return head.status() == 404;
        }
    }

    private static @Nullable String etags(@Nullable String header) {
        return header == null ? null : ETags.conditionToStore(header);
    }

    private static void set(HttpHeaders headers, String name, @Nullable String value) {
        if (value != null) {
            headers.set(name, value);
        }
    }
}

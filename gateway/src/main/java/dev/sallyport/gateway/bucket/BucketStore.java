package dev.sallyport.gateway.bucket;

import dev.sallyport.gateway.backend.Backend;
import dev.sallyport.gateway.backend.BackendRequest;
import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.operation.StoreErrors;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Requests to the store by the gateway's names of buckets. */
public final class BucketStore {
    private static final byte[] EMPTY = new byte[0];

    private final Backend backend;
    private final BucketNames names;

    public BucketStore(Backend backend, BucketNames names) {
        this.backend = backend;
        this.names = names;
    }

    public BucketNames names() {
        return names;
    }

    /** Sends a request with what else it needs; the answer is the caller's to close. */
    public BackendResponse execute(
            S3Call call,
            String method,
            String bucket,
            @Nullable String key,
            List<BackendRequest.QueryPair> query,
            HttpHeaders headers,
            byte[] body) {
        BackendRequest request = new BackendRequest(method, names.toStore(bucket), key, query, headers);
        return backend.execute(call.exchange().eventLoop(), request, body);
    }

    /** Sends a request that is no more than its method and name. */
    public BackendResponse execute(S3Call call, String method, String bucket, @Nullable String key) {
        return execute(call, method, bucket, key, List.of(), new DefaultHttpHeaders(), EMPTY);
    }

    /** The account's buckets, as the store lists them. */
    BackendResponse listBuckets(S3Call call) {
        BackendRequest request = new BackendRequest("GET", null, null, List.of(), new DefaultHttpHeaders());
        return backend.execute(call.exchange().eventLoop(), request, EMPTY);
    }

    /** @throws dev.sallyport.gateway.s3.S3Exception {@code NoSuchBucket} */
    void requireBucket(S3Call call, String bucket) {
        BackendResponse response = execute(call, "HEAD", bucket, null);
        if (response.status() != 200) {
            throw StoreErrors.of(response, bucket, null);
        }
        response.close();
    }
}

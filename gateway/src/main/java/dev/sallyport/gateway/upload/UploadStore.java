package dev.sallyport.gateway.upload;

import dev.sallyport.gateway.backend.Backend;
import dev.sallyport.gateway.backend.BackendRequest;
import dev.sallyport.gateway.backend.BackendRequest.QueryPair;
import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.backend.BackendUnavailableException;
import dev.sallyport.gateway.backend.BackendUpload;
import dev.sallyport.gateway.bucket.BucketNames;
import dev.sallyport.gateway.operation.StoreErrors;
import dev.sallyport.gateway.s3.S3Errors;
import dev.sallyport.gateway.s3.S3Exception;
import dev.sallyport.gateway.s3.XmlElement;
import dev.sallyport.gateway.s3.XmlWriter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The store's own multipart uploads, by the gateway's names of buckets. */
final class UploadStore {
    static final byte[] NOTHING = new byte[0];
    static final int MAX_ANSWER = 64 * 1024;

    private final Backend backend;
    private final BucketNames names;

    /** A part of the store's upload, in the store's ETag. */
    record StorePart(int number, String etag) {}

    /**
     * What came of the store's Complete.
     *
     * @param etag the store's; null when there is an error
     * @param error the code of the error; null for none
     */
    record Completion(
            @Nullable String etag,
            @Nullable String versionId,
            @Nullable String error,
            String message,
            int status) {}

    UploadStore(Backend backend, BucketNames names) {
        this.backend = backend;
        this.names = names;
    }

    /** Begins an upload; gives the store's id of it. */
    String create(EventLoop loop, String bucket, String key, HttpHeaders headers) {
        BackendRequest request = request("POST", bucket, key, List.of(new QueryPair("uploads", "")), headers);
        BackendResponse response = backend.execute(loop, request, NOTHING);
        if (response.status() != 200) {
            throw StoreErrors.of(response, bucket, key);
        }
        try (response) {
            XmlElement answer = XmlElement.parseOrNull(response.readBody(MAX_ANSWER));
            String id = answer == null ? null : answer.childText("UploadId");
            if (id == null || id.isEmpty()) {
                throw new BackendUnavailableException("the store's answer to a new upload has no id");
            }
            return id;
        }
    }

    BackendUpload part(EventLoop loop, Upload upload, int number, long length) {
        return backend.upload(loop, partRequest(upload, number), length);
    }

    BackendResponse part(EventLoop loop, Upload upload, int number, byte[] body) {
        return backend.execute(loop, partRequest(upload, number), body);
    }

    /** PUT of a whole object in memory. */
    BackendResponse put(EventLoop loop, String bucket, String key, HttpHeaders headers, byte[] body) {
        return backend.execute(loop, request("PUT", bucket, key, List.of(), headers), body);
    }

    BackendResponse head(EventLoop loop, String bucket, @Nullable String key) {
        return backend.execute(loop, request("HEAD", bucket, key, List.of(), new DefaultHttpHeaders()), NOTHING);
    }

    /**
     * Bytes of an object that is still the one seen before.
     *
     * @throws BackendUnavailableException when they cannot be had
     */
    byte[] range(EventLoop loop, String bucket, String key, String etag, long first, int length) {
        HttpHeaders headers = new DefaultHttpHeaders();
        headers.set("if-match", etag).set("range", "bytes=" + first + '-' + (first + length - 1));
        try (BackendResponse response =
                backend.execute(loop, request("GET", bucket, key, List.of(), headers), NOTHING)) {
            byte[] bytes = response.status() == 206 ? response.readBody(length) : NOTHING;
            if (bytes.length != length) {
                throw new BackendUnavailableException("a completed object cannot be read: " + response.status());
            }
            return bytes;
        }
    }

    /**
     * The store's Complete, which may hold an error in its 200.
     *
     * @param headers conditions
     * @throws BackendUnavailableException when it is not known what came of it
     */
    Completion complete(EventLoop loop, Upload upload, List<StorePart> parts, HttpHeaders headers) {
        XmlWriter xml = XmlWriter.document("CompleteMultipartUpload");
        for (StorePart part : parts) {
            xml.open("Part")
                    .element("PartNumber", part.number())
                    .element("ETag", part.etag())
                    .close();
        }
        headers.set("content-type", "application/xml");
        BackendRequest request = request("POST", upload.bucket(), upload.key(), uploadId(upload), headers);
        try (BackendResponse response = backend.execute(loop, request, xml.toBytes())) {
            XmlElement answer = XmlElement.parseOrNull(response.readBody(MAX_ANSWER));
            if (response.status() == 200 && answer != null && answer.name().equals("CompleteMultipartUploadResult")) {
                String etag = answer.childText("ETag");
                if (etag == null || etag.isEmpty()) {
                    throw new BackendUnavailableException("the store completed an upload without an ETag");
                }
                return new Completion(
                        etag.replace("\"", ""), response.headers().get("x-amz-version-id"), null, "", 200);
            }
            String code = answer == null ? null : answer.childText("Code");
            String message = answer == null ? null : answer.childText("Message");
            if (code == null && response.status() == 200) {
                throw new BackendUnavailableException("the store's answer to a completion is none");
            }
            int status = response.status() == 200 ? 500 : response.status();
            return new Completion(null, null, code == null ? "" : code, message == null ? "" : message, status);
        }
    }

    /** Ends the store's upload; false when the store did not say that it is gone. */
    boolean abort(EventLoop loop, Upload upload) {
        return delete(loop, upload.bucket(), upload.key(), upload.storeId());
    }

    /** Ends an upload that is in no table. */
    boolean delete(EventLoop loop, String bucket, String key, String storeId) {
        List<QueryPair> query = List.of(new QueryPair("uploadId", storeId));
        BackendRequest request = request("DELETE", bucket, key, query, new DefaultHttpHeaders());
        try (BackendResponse response = backend.execute(loop, request, NOTHING)) {
            return response.status() == 204 || response.status() == 200 || response.status() == 404;
        }
    }

    /** Whether the store still has the upload. */
    boolean exists(EventLoop loop, Upload upload) {
        List<QueryPair> query = List.of(new QueryPair("uploadId", upload.storeId()), new QueryPair("max-parts", "1"));
        BackendRequest request = request("GET", upload.bucket(), upload.key(), query, new DefaultHttpHeaders());
        try (BackendResponse response = backend.execute(loop, request, NOTHING)) {
            return response.status() != 404;
        }
    }

    /** Why the store refused a part: an upload that it lost is none of ours any more. */
    static S3Exception refusal(BackendResponse response, Upload upload) {
        if (response.status() == 404) {
            try (response) {
                XmlElement error = XmlElement.parseOrNull(response.readBody(MAX_ANSWER));
                String code = error == null ? null : error.childText("Code");
                return "NoSuchBucket".equals(code)
                        ? S3Errors.noSuchBucket(upload.bucket())
                        : S3Errors.noSuchUpload(upload.id());
            }
        }
        return StoreErrors.of(response, upload.bucket(), upload.key());
    }

    private BackendRequest partRequest(Upload upload, int number) {
        List<QueryPair> query = List.of(
                new QueryPair("partNumber", Integer.toString(number)), new QueryPair("uploadId", upload.storeId()));
        return request("PUT", upload.bucket(), upload.key(), query, new DefaultHttpHeaders());
    }

    private static List<QueryPair> uploadId(Upload upload) {
        return List.of(new QueryPair("uploadId", upload.storeId()));
    }

    private BackendRequest request(
            String method, String bucket, @Nullable String key, List<QueryPair> query, HttpHeaders headers) {
        return new BackendRequest(method, names.toStore(bucket), key, query, headers);
    }
}

package dev.sallyport.gateway.object;

import dev.sallyport.gateway.backend.BackendRequest.QueryPair;
import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.backend.BackendUnavailableException;
import dev.sallyport.gateway.backend.CheckedKeys;
import dev.sallyport.gateway.bucket.BucketStore;
import dev.sallyport.gateway.checksum.RunningChecksum;
import dev.sallyport.gateway.operation.S3Access;
import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.operation.S3Operation;
import dev.sallyport.gateway.operation.SmallBody;
import dev.sallyport.gateway.operation.StoreErrors;
import dev.sallyport.gateway.s3.BucketRequest;
import dev.sallyport.gateway.s3.S3Errors;
import dev.sallyport.gateway.s3.S3Exception;
import dev.sallyport.gateway.s3.XmlElement;
import dev.sallyport.gateway.s3.XmlWriter;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * DeleteObjects: each key is authorised by itself; what is left goes to the store in one request. A key that XML 1.0 cannot
 * hold, or that stores differ in, goes in a request of its own.
 */
public final class DeleteObjects implements S3Operation<BucketRequest.DeleteObjects> {
    private static final int MAX_BODY = 4 << 20;
    private static final int MAX_KEY = 1024;

    private final BucketStore store;
    private final S3Access access;

    public DeleteObjects(BucketStore store, S3Access access) {
        this.store = store;
        this.access = access;
    }

    @Override
    public void handle(S3Call call, BucketRequest.DeleteObjects request) {
        if (request.digests().contentMd5() == null && request.digests().algorithm() == null) {
            throw S3Errors.invalidRequest("Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
        }
        DeleteList list = DeleteList.parse(SmallBody.read(call, request.digests(), MAX_BODY));
        Map<String, S3Exception> errors = new LinkedHashMap<>();
        List<String> together = new ArrayList<>();
        for (DeleteList.Entry entry : list.entries()) {
            S3Exception refused = refusal(call, request.bucket(), entry);
            if (refused != null) {
                errors.put(entry.key(), refused);
            } else if (isForItself(entry.key())) {
                deleteAlone(call, request.bucket(), entry.key(), errors);
            } else {
                together.add(entry.key());
            }
        }
        if (together.isEmpty()) {
            // What nobody was allowed to delete still has to be in a bucket that is there.
            requireBucket(call, request.bucket(), errors, list);
        } else {
            deleteTogether(call, request.bucket(), together, errors);
        }
        call.respondXml(render(list, errors));
    }

    private @Nullable S3Exception refusal(S3Call call, String bucket, DeleteList.Entry entry) {
        if (entry.key().getBytes(StandardCharsets.UTF_8).length > MAX_KEY) {
            return new S3Exception(400, "KeyTooLongError", "Your key is too long");
        }
        if (entry.versionId() != null) {
            return S3Errors.notImplemented("element 'VersionId'");
        }
        if (entry.condition() != null) {
            return S3Errors.notImplemented("element '" + entry.condition() + "'");
        }
        return access.denial(call, "s3:DeleteObject", bucket, entry.key());
    }

    private void requireBucket(S3Call call, String bucket, Map<String, S3Exception> errors, DeleteList list) {
        if (errors.size() < list.entries().size()) {
            return;
        }
        if (errors.values().stream().allMatch(error -> error.code().equals("AccessDenied"))) {
            return;
        }
        BackendResponse response = store.execute(call, "HEAD", bucket, null);
        if (response.status() != 200) {
            throw StoreErrors.of(response, bucket, null);
        }
        response.close();
    }

    private void deleteAlone(S3Call call, String bucket, String key, Map<String, S3Exception> errors) {
        S3Exception error;
        try {
            BackendResponse response = store.execute(call, "DELETE", bucket, key);
            if (response.status() / 100 == 2) {
                response.close();
                return;
            }
            error = StoreErrors.of(response, bucket, key);
        } catch (S3Exception refused) {
            error = refused;
        }
        if (error.code().equals("NoSuchBucket")) {
            throw error;
        }
        if (!error.code().equals("NoSuchKey")) {
            errors.put(key, error);
        }
    }

    private void deleteTogether(S3Call call, String bucket, List<String> keys, Map<String, S3Exception> errors) {
        XmlWriter xml = XmlWriter.document("Delete").element("Quiet", true);
        for (String key : keys) {
            xml.open("Object").element("Key", key).close();
        }
        byte[] body = xml.toBytes();
        RunningChecksum md5 = RunningChecksum.md5();
        md5.update(body, 0, body.length);
        HttpHeaders headers =
                new DefaultHttpHeaders().set("content-type", "application/xml").set("content-md5", md5.finishBase64());
        BackendResponse response =
                store.execute(call, "POST", bucket, null, List.of(new QueryPair("delete", "")), headers, body);
        if (response.status() != 200) {
            throw StoreErrors.of(response, bucket, null);
        }
        XmlElement answer;
        try (response) {
            answer = XmlElement.parseOrNull(response.readBody(MAX_BODY));
        }
        if (answer == null || !answer.name().equals("DeleteResult")) {
            throw new BackendUnavailableException("the store's answer to a deletion is none");
        }
        for (XmlElement error : answer.children("Error")) {
            String key = error.childText("Key");
            String code = error.childText("Code");
            String message = error.childText("Message");
            if (key != null && !"NoSuchKey".equals(code)) {
                errors.put(key, entryError(bucket, key, code == null ? "" : code, message == null ? "" : message));
            }
        }
    }

    // The other keys are gone by now, so whatever one entry met is told of it alone.
    private static S3Exception entryError(String bucket, String key, String code, String message) {
        try {
            return StoreErrors.map(500, code, message, bucket, key);
        } catch (BackendUnavailableException e) {
            return new S3Exception(500, "InternalError", "We encountered an internal error. Please try again.");
        }
    }

    private static XmlWriter render(DeleteList list, Map<String, S3Exception> errors) {
        XmlWriter xml = XmlWriter.document("DeleteResult");
        for (DeleteList.Entry entry : list.entries()) {
            S3Exception error = errors.get(entry.key());
            if (error != null) {
                xml.open("Error")
                        .element("Key", entry.key())
                        .optional("VersionId", entry.versionId())
                        .element("Code", error.code())
                        .element("Message", error.getMessage())
                        .close();
            } else if (!list.quiet()) {
                xml.open("Deleted").element("Key", entry.key()).close();
            }
        }
        return xml;
    }

    /** Whether the store must see the key in a request's own path: XML cannot carry it, or stores differ on it. */
    private static boolean isForItself(String key) {
        return !fitsXml(key) || CheckedKeys.isUnusual(key) || key.endsWith("/");
    }

    private static boolean fitsXml(String key) {
        return key.chars().allMatch(c -> c >= 0x20 && c != 0x7f && c != 0xfffe && c != 0xffff);
    }
}

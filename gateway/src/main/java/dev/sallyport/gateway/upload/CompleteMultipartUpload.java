package dev.sallyport.gateway.upload;

import dev.sallyport.gateway.backend.StoreCapabilities;
import dev.sallyport.gateway.format.ContentFacts;
import dev.sallyport.gateway.format.ETags;
import dev.sallyport.gateway.format.ForgedObjectException;
import dev.sallyport.gateway.format.Manifest;
import dev.sallyport.gateway.format.SealedFacts;
import dev.sallyport.gateway.object.EncryptionHeaders;
import dev.sallyport.gateway.object.Refusals;
import dev.sallyport.gateway.object.SealingKey;
import dev.sallyport.gateway.object.TargetConditions;
import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.operation.S3Operation;
import dev.sallyport.gateway.operation.SmallBody;
import dev.sallyport.gateway.s3.PayloadDigests;
import dev.sallyport.gateway.s3.PercentCoding;
import dev.sallyport.gateway.s3.S3Errors;
import dev.sallyport.gateway.s3.UploadRequest;
import dev.sallyport.gateway.s3.WriteConditions;
import dev.sallyport.gateway.s3.XmlWriter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Base64;
import java.util.function.Supplier;

/** CompleteMultipartUpload. A retry of the same list gets the same answer for a day. See {@link UploadState}. */
final class CompleteMultipartUpload implements S3Operation<UploadRequest.CompleteMultipartUpload> {
    private final Uploads uploads;
    private final Running running;
    private final Supplier<StoreCapabilities> capabilities;

    /** @param capabilities of the store; asked for conditional requests only */
    CompleteMultipartUpload(Uploads uploads, Running running, Supplier<StoreCapabilities> capabilities) {
        this.uploads = uploads;
        this.running = running;
        this.capabilities = capabilities;
    }

    @Override
    public void handle(S3Call call, UploadRequest.CompleteMultipartUpload request) {
        WriteConditions conditions = request.conditions();
        if (!conditions.equals(WriteConditions.NONE)) {
            TargetConditions.require(conditions, capabilities.get().completion());
        }
        PayloadDigests ofBody = new PayloadDigests(request.digests().contentMd5(), null, null);
        PartList list = PartList.parse(SmallBody.read(call, ofBody, PartList.MAX_BODY));
        try (Running.Turn turn = running.enter(request.uploadId())) {
            complete(call, request, list);
        } catch (ForgedObjectException e) {
            throw Refusals.forged(
                    request.bucket(), request.key(), call.exchange().requestId(), e);
        }
    }

    private void complete(S3Call call, UploadRequest.CompleteMultipartUpload request, PartList list) {
        Upload upload = uploads.tables.find(request.bucket(), request.key(), request.uploadId());
        if (upload == null || upload.state() == UploadState.ABORTED) {
            throw S3Errors.noSuchUpload(request.uploadId());
        }
        String hash = list.hash();
        String kept = upload.result();
        if (upload.state() == UploadState.DONE) {
            if (kept == null || !hash.equals(upload.listHash())) {
                throw S3Errors.noSuchUpload(request.uploadId());
            }
            try (SealingKey key = uploads.open(call, upload)) {
                respond(call, upload, key, UploadResult.ofJson(kept));
            }
            return;
        }
        Selection selection = Selection.of(list, uploads.tables.parts(upload), upload.id());
        requireSize(request, selection);
        try (SealingKey key = uploads.open(call, upload)) {
            Manifest manifest = selection.verify(upload, list, request, key);
            EventLoop loop = call.exchange().eventLoop();
            Completion completion =
                    new Completion(uploads, loop, upload, selection, manifest, key, request.conditions());
            HttpHeaders headers = new DefaultHttpHeaders();
            EncryptionHeaders.add(headers, key.sse());
            call.hold(headers, key::awaitAudit);
            UploadResult before = upload.state() == UploadState.COMPLETING ? completion.committedBefore() : null;
            long fence = uploads.tables.beginCompletion(upload, hash, uploads.now());
            if (fence < 0) {
                throw S3Errors.noSuchUpload(upload.id());
            }
            UploadResult result = before != null ? before : commit(completion, upload, fence);
            key.awaitAudit();
            uploads.tables.finish(upload, fence, result.toJson(), uploads.now());
            respond(call, upload, key, result);
            clean(loop, upload, selection);
        }
    }

    private UploadResult commit(Completion completion, Upload upload, long fence) {
        try {
            return completion.run();
        } catch (RuntimeException e) {
            // While the outcome of an earlier attempt is not known, the next one asks for it.
            if (!completion.mayHaveCommitted() && upload.state() == UploadState.OPEN) {
                uploads.tables.reopen(upload, fence, uploads.now());
            }
            throw e;
        }
    }

    /** After the answer: what waited, and the store's upload when a PUT took its place. */
    private void clean(EventLoop loop, Upload upload, Selection selection) {
        if (selection.parts().size() == 1 && selection.last().staged() != null) {
            uploads.store.abort(loop, upload);
        }
        uploads.discardParts(loop, upload);
    }

    private static void requireSize(UploadRequest.CompleteMultipartUpload request, Selection selection) {
        Long said = request.objectSize();
        if (said != null && said != selection.length()) {
            throw S3Errors.invalidRequest("The provided 'x-amz-mp-object-size' header value " + said
                    + " does not match what was computed: " + selection.length());
        }
    }

    private static void respond(S3Call call, Upload upload, SealingKey key, UploadResult result) {
        key.awaitAudit();
        HttpHeaders headers = new DefaultHttpHeaders();
        EncryptionHeaders.add(headers, key.sse());
        if (result.versionId() != null) {
            headers.set("x-amz-version-id", result.versionId());
        }
        String host = call.exchange().headers().get("host");
        XmlWriter xml = XmlWriter.document("CompleteMultipartUploadResult")
                .element(
                        "Location",
                        (call.exchange().secure() ? "https://" : "http://")
                                + (host == null ? "" : host)
                                + '/'
                                + upload.bucket()
                                + '/'
                                + PercentCoding.encodePath(upload.key()))
                .element("Bucket", upload.bucket())
                .element("Key", upload.key())
                .element("ETag", '"' + ETags.toClient(result.etag()) + '"');
        byte[] sealed = Base64.getDecoder().decode(result.facts());
        for (ContentFacts.Checksum checksum :
                SealedFacts.open(key.dataKey(), key.keys(), sealed).checksums()) {
            xml.element(
                    checksum.algorithm().xmlName(),
                    checksum.composite() ? checksum.value() + '-' + result.parts() : checksum.value());
            xml.element("ChecksumType", checksum.composite() ? "COMPOSITE" : "FULL_OBJECT");
        }
        call.respondXml(headers, xml);
    }
}

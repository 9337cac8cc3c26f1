package dev.sallyport.gateway.upload;

import dev.sallyport.gateway.checksum.ChecksumAlgorithm;
import dev.sallyport.gateway.format.ContentFacts;
import dev.sallyport.gateway.format.Id128;
import dev.sallyport.gateway.format.ObjectMetadata;
import dev.sallyport.gateway.format.SealedFacts;
import dev.sallyport.gateway.object.EncryptionHeaders;
import dev.sallyport.gateway.object.ObjectKeyring;
import dev.sallyport.gateway.object.SealingKey;
import dev.sallyport.gateway.object.StoreHeaders;
import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.operation.S3Operation;
import dev.sallyport.gateway.s3.UploadRequest;
import dev.sallyport.gateway.s3.XmlWriter;
import dev.sallyport.gateway.sse.EncryptionPlan;
import dev.sallyport.gateway.sse.EncryptionPlanner;
import dev.sallyport.kms.Caller;
import dev.sallyport.kms.Kms;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** CreateMultipartUpload: one GenerateDataKey; the caller must be allowed to decrypt as well, since every part does. */
final class CreateMultipartUpload implements S3Operation<UploadRequest.CreateMultipartUpload> {
    private final Uploads uploads;
    private final ObjectKeyring keyring;
    private final EncryptionPlanner planner;
    private final Kms kms;

    CreateMultipartUpload(Uploads uploads, ObjectKeyring keyring, EncryptionPlanner planner, Kms kms) {
        this.uploads = uploads;
        this.keyring = keyring;
        this.planner = planner;
        this.kms = kms;
    }

    @Override
    public void handle(S3Call call, UploadRequest.CreateMultipartUpload request) {
        String bucket = request.bucket();
        String objectKey = request.key();
        EncryptionPlan plan = planner.plan(request.sse(), bucket, objectKey);
        String expires = StoreHeaders.expires(request.headers());
        try (SealingKey key = keyring.create(call.context(), plan, bucket, objectKey)) {
            kms.authorizeCachedUse(
                    call.context(), key.sse().keyArn(), "kms:Decrypt", plan.kmsContext(bucket, objectKey));
            requireRoom(request, key, expires);
            HttpHeaders headers = StoreHeaders.forStore(request.headers());
            ObjectMetadata metadata =
                    ObjectMetadata.multipart(key.keys(), key.commitment(), key.sse(), key.wrapped(), expires);
            StoreHeaders.seal(headers, uploads.codec, metadata, bucket, objectKey);
            EventLoop loop = call.exchange().eventLoop();
            String storeId = uploads.store.create(loop, bucket, objectKey, headers);
            Upload upload = upload(call.context().caller(), request, storeId, headers);
            try {
                uploads.tables.add(upload);
                key.awaitAudit();
            } catch (RuntimeException e) {
                uploads.store.abort(loop, upload);
                throw e;
            }
            respond(call, upload, key);
        }
    }

    private Upload upload(
            Caller caller, UploadRequest.CreateMultipartUpload request, String storeId, HttpHeaders headers) {
        Map<String, String> kept = new HashMap<>();
        headers.forEach(header -> kept.put(header.getKey().toLowerCase(Locale.ROOT), header.getValue()));
        return new Upload(
                -1,
                id(),
                request.bucket(),
                request.key(),
                storeId,
                caller.arn(),
                caller.principalId(),
                uploads.now(),
                kept,
                request.checksum(),
                isComposite(request.checksum(), request.checksumType()),
                UploadState.OPEN,
                0,
                null,
                null);
    }

    /** An upload whose only part is small becomes a single object, whose metadata are longer: they must fit as well. */
    private void requireRoom(UploadRequest.CreateMultipartUpload request, SealingKey key, @Nullable String expires) {
        byte[] longest = new byte[ChecksumAlgorithm.SHA256.length()];
        ContentFacts facts = new ContentFacts(
                List.of(new ContentFacts.Checksum(
                        ChecksumAlgorithm.SHA256, true, Base64.getEncoder().encodeToString(longest))),
                null);
        ObjectMetadata metadata = ObjectMetadata.single(
                key.keys(),
                1,
                Id128.random(),
                key.commitment(),
                key.sse(),
                key.wrapped(),
                SealedFacts.seal(key.dataKey(), key.keys(), facts),
                expires);
        StoreHeaders.seal(
                StoreHeaders.forStore(request.headers()), uploads.codec, metadata, request.bucket(), request.key());
    }

    private static boolean isComposite(@Nullable ChecksumAlgorithm checksum, @Nullable String type) {
        return type == null ? checksum != null && checksum.allowsComposite() : type.equals("COMPOSITE");
    }

    private static String id() {
        return Id128.random().toString() + Id128.random();
    }

    private static void respond(S3Call call, Upload upload, SealingKey key) {
        HttpHeaders headers = new DefaultHttpHeaders();
        EncryptionHeaders.add(headers, key.sse());
        ChecksumAlgorithm checksum = upload.checksum();
        if (checksum != null) {
            headers.set("x-amz-checksum-algorithm", checksum.name());
            headers.set("x-amz-checksum-type", upload.checksumType());
        }
        call.respondXml(
                headers,
                XmlWriter.document("InitiateMultipartUploadResult")
                        .element("Bucket", upload.bucket())
                        .element("Key", upload.key())
                        .element("UploadId", upload.id()));
    }
}

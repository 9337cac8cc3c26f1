package dev.sallyport.gateway.object;

import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.backend.BackendUnavailableException;
import dev.sallyport.gateway.backend.StoreCapabilities;
import dev.sallyport.gateway.bucket.BucketSettingsStore;
import dev.sallyport.gateway.bucket.BucketStore;
import dev.sallyport.gateway.checksum.ChecksumAlgorithm;
import dev.sallyport.gateway.format.ClearHeaders;
import dev.sallyport.gateway.format.ContentFacts;
import dev.sallyport.gateway.format.ETags;
import dev.sallyport.gateway.format.ForgedObjectException;
import dev.sallyport.gateway.format.MetadataCodec;
import dev.sallyport.gateway.format.ObjectMetadata;
import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.operation.S3Operation;
import dev.sallyport.gateway.s3.CopySource;
import dev.sallyport.gateway.s3.ObjectRequest;
import dev.sallyport.gateway.s3.PercentCoding;
import dev.sallyport.gateway.s3.ReadConditions;
import dev.sallyport.gateway.s3.S3Errors;
import dev.sallyport.gateway.s3.S3Exception;
import dev.sallyport.gateway.s3.WriteConditions;
import dev.sallyport.gateway.s3.XmlElement;
import dev.sallyport.gateway.s3.XmlWriter;
import dev.sallyport.gateway.sse.EncryptionPlan;
import dev.sallyport.gateway.sse.EncryptionPlanner;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.InstantSource;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * CopyObject, of any layout: the data key is opened, wrapped anew for the target's name, key and context, and the store
 * copies the ciphertext. No byte of it passes the gateway. The target's encryption follows the request, else its bucket's
 * default, never the source.
 *
 * <pre>
 *   HEAD source ─▶ conditions ─▶ Decrypt ─▶ wrap ─▶ store's copy, if the source is still the same ─▶ answer
 *        ▲                                                  │
 *        └──────────────── it was replaced ◀────────────────┘
 * </pre>
 */
public final class CopyObject implements S3Operation<ObjectRequest.CopyObject> {
    private static final ReadConditions NO_CONDITIONS = new ReadConditions(null, null, null, null);
    private static final int MAX_ANSWER = 64 * 1024;

    private final ObjectStore store;
    private final BucketStore buckets;
    private final ObjectReader reader;
    private final ObjectKeyring keyring;
    private final EncryptionPlanner planner;
    private final BucketSettingsStore settings;
    private final MetadataCodec codec;
    private final CopySources sources;
    private final Supplier<StoreCapabilities> capabilities;

    /** @param capabilities of the store; a copy that it would not bind to the source that was seen is refused */
    public CopyObject(
            ObjectStore store,
            BucketStore buckets,
            ObjectReader reader,
            ObjectKeyring keyring,
            EncryptionPlanner planner,
            BucketSettingsStore settings,
            MetadataCodec codec,
            ForeignObjects foreign,
            Supplier<StoreCapabilities> capabilities,
            InstantSource clock) {
        this.store = store;
        this.buckets = buckets;
        this.reader = reader;
        this.keyring = keyring;
        this.planner = planner;
        this.settings = settings;
        this.codec = codec;
        this.sources = new CopySources(buckets, reader, foreign, clock);
        this.capabilities = capabilities;
    }

    @Override
    public void handle(S3Call call, ObjectRequest.CopyObject request) {
        WriteConditions conditions = request.conditions();
        TargetConditions.require(conditions, capabilities.get().copy());
        if (!capabilities.get().copySourceIfMatch()) {
            throw S3Errors.notImplemented("operation CopyObject over a store that ignores x-amz-copy-source-if-match");
        }
        refuseNoChange(request);
        EncryptionPlan plan = planner.plan(request.sse(), request.bucket(), request.key());
        try {
            ObjectReader.steadily(() -> once(call, request, plan));
        } catch (ForgedObjectException e) {
            throw Refusals.forged(
                    request.source().bucket(),
                    request.source().key(),
                    call.exchange().requestId(),
                    e);
        }
    }

    // As on AWS, a bucket with a default encryption of its own may change an object by copying it onto itself.
    private void refuseNoChange(ObjectRequest.CopyObject request) {
        boolean same = request.source().bucket().equals(request.bucket())
                && request.source().key().equals(request.key());
        boolean changes = request.replaceMetadata()
                || request.headers().storageClass() != null
                || !request.sse().isEmpty()
                || settings.get(request.bucket()).encryption() != null;
        if (same && !changes) {
            throw S3Errors.invalidRequest(
                    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.");
        }
    }

    private boolean once(S3Call call, ObjectRequest.CopyObject request, EncryptionPlan plan) {
        CopySource source = request.source();
        StoredObject object = sources.head(call, source);
        CopySources.requireSize(object.length());
        try (SealingKey opened = reader.open(call, object, source.bucket(), source.key());
                SealingKey key = keyring.rewrap(call.context(), opened, plan, request.bucket(), request.key())) {
            ContentFacts facts = facts(call, request, object, opened);
            HttpHeaders headers = targetHeaders(request, object, key);
            HttpHeaders answer = new DefaultHttpHeaders();
            EncryptionHeaders.addForWrite(answer, key.sse());
            call.hold(answer, () -> {
                opened.awaitAudit();
                key.awaitAudit();
            });
            BackendResponse response =
                    store.put(call.exchange().eventLoop(), request.bucket(), request.key(), headers, new byte[0]);
            XmlWriter result = result(call, request, object, response, facts, answer);
            opened.awaitAudit();
            key.awaitAudit();
            call.respondXml(answer, result);
            return true;
        }
    }

    /** Those that cost nothing, or that the request names. */
    private ContentFacts facts(S3Call call, ObjectRequest.CopyObject request, StoredObject object, SealingKey opened) {
        ChecksumAlgorithm wanted = request.checksum();
        if (wanted == null && object.metadata().sealedFacts() == null) {
            return ContentFacts.NONE;
        }
        CopySource source = request.source();
        ContentFacts facts = reader.facts(call, object, opened, source.bucket(), source.key());
        if (wanted != null && facts.checksums().stream().noneMatch(checksum -> checksum.algorithm() == wanted)) {
            throw S3Errors.notImplemented("copy with a checksum that its source lacks: " + wanted);
        }
        return facts;
    }

    private HttpHeaders targetHeaders(ObjectRequest.CopyObject request, StoredObject object, SealingKey key) {
        HttpHeaders headers;
        ObjectMetadata metadata = object.metadata().rewrapped(key.sse(), key.wrapped());
        if (request.replaceMetadata()) {
            headers = StoreHeaders.forStore(request.headers());
            metadata = metadata.expiring(StoreHeaders.expires(request.headers()));
        } else {
            headers = new DefaultHttpHeaders();
            ClearHeaders.of(object.headers()).forEach(headers::set);
            String storageClass = request.headers().storageClass();
            if (storageClass != null) {
                headers.set("x-amz-storage-class", storageClass);
            }
        }
        StoreHeaders.seal(headers, codec, metadata, request.bucket(), request.key());
        TargetConditions.add(headers, request.conditions());
        CopySource source = request.source();
        // The metadata is the target's own in either case, so the store is always told to replace it.
        return headers.set("x-amz-metadata-directive", "REPLACE")
                .set(
                        "x-amz-copy-source",
                        "/" + buckets.names().toStore(source.bucket()) + "/" + PercentCoding.encodePath(source.key()))
                .set("x-amz-copy-source-if-match", object.etag());
    }

    private XmlWriter result(
            S3Call call,
            ObjectRequest.CopyObject request,
            StoredObject object,
            BackendResponse response,
            ContentFacts facts,
            HttpHeaders answer) {
        XmlElement copied;
        try (response) {
            copied = XmlElement.parseOrNull(response.readBody(MAX_ANSWER));
        }
        boolean failed = copied != null && copied.name().equals("Error");
        if (response.status() != 200 || failed) {
            throw refusal(call, request, object, response.status() == 200 ? 500 : response.status(), copied);
        }
        String version = response.headers().get("x-amz-version-id");
        if (version != null) {
            answer.set("x-amz-version-id", version);
        }
        String etag = copied == null ? null : copied.childText("ETag");
        String modified = copied == null ? null : copied.childText("LastModified");
        if (etag == null || modified == null) {
            throw new BackendUnavailableException("the store's answer to a copy is none");
        }
        XmlWriter xml = XmlWriter.document("CopyObjectResult")
                .element("LastModified", modified)
                .element("ETag", ETags.toClient(etag.startsWith("\"") ? etag : '"' + etag + '"'));
        for (ContentFacts.Checksum checksum : facts.checksums()) {
            if (!checksum.composite()) {
                xml.element(checksum.algorithm().xmlName(), checksum.value());
            }
        }
        return facts.checksums().isEmpty() ? xml : xml.element("ChecksumType", "FULL_OBJECT");
    }

    /** A failed condition is the source's, then the copy begins anew, or the target's. */
    private S3Exception refusal(
            S3Call call,
            ObjectRequest.CopyObject request,
            StoredObject object,
            int status,
            @Nullable XmlElement error) {
        String code = orEmpty(error == null ? null : error.childText("Code"));
        String message = orEmpty(error == null ? null : error.childText("Message"));
        boolean ofCondition = status == 412 || code.equals("PreconditionFailed");
        boolean ofMissing = code.equals("NoSuchKey") || (status == 404 && code.isEmpty());
        if ((ofCondition || ofMissing)
                && (request.conditions().equals(WriteConditions.NONE) || !unchanged(call, request.source(), object))) {
            throw new ObjectChangedException();
        }
        return TargetConditions.refusal(
                status,
                code,
                message,
                request.conditions(),
                request.bucket(),
                request.key(),
                () -> store.isMissing(call.exchange().eventLoop(), request.bucket(), request.key()));
    }

    private boolean unchanged(S3Call call, CopySource source, StoredObject object) {
        try (BackendResponse again = reader.request(call, "HEAD", source.bucket(), source.key(), NO_CONDITIONS, null)) {
            return again.status() == 200 && object.etag().equals(again.headers().get("etag"));
        }
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}

package dev.sallyport.gateway.object;

import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.backend.BackendUnavailableException;
import dev.sallyport.gateway.backend.StoreCapabilities;
import dev.sallyport.gateway.bucket.BucketSettingsStore;
import dev.sallyport.gateway.bucket.BucketStore;
import dev.sallyport.gateway.checksum.ChecksumAlgorithm;
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
 * <p>Where the store cannot do that, the source is read and written anew under a fresh data key: one that the gateway did not
 * write, one that lacks the checksum which is asked for, one whose target has conditions that the store ignores on a copy.
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
    private final StreamedCopy streaming;

    /** @param capabilities of the store: a copy streams where it would ignore a condition, on the source or the target */
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
        this.streaming = new StreamedCopy(store, new SingleWriter(store, codec), clock);
    }

    @Override
    public void handle(S3Call call, ObjectRequest.CopyObject request) {
        StoreCapabilities can = capabilities.get();
        boolean byStore = can.copySourceIfMatch() && TargetConditions.enforced(request.conditions(), can.copy());
        if (!byStore) {
            TargetConditions.require(request.conditions(), can.put());
        }
        refuseNoChange(request);
        EncryptionPlan plan = planner.plan(request.sse(), request.bucket(), request.key());
        try {
            ObjectReader.steadily(() -> once(call, request, plan, byStore));
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

    private boolean once(S3Call call, ObjectRequest.CopyObject request, EncryptionPlan plan, boolean byStore) {
        CopySource source = request.source();
        CopyHead head = sources.head(call, source);
        CopySources.requireSize(head.length());
        StoredObject object = head.object();
        ChecksumAlgorithm wanted = request.checksum();
        if (object == null) {
            return streamed(
                    call,
                    request,
                    plan,
                    head,
                    wanted == null ? ChecksumAlgorithm.CRC64NVME : wanted,
                    () -> sources.foreign(call, source, head, null));
        }
        try (SealingKey opened = reader.open(call, object, source.bucket(), source.key())) {
            ContentFacts facts = facts(call, request, object, opened);
            boolean lacking = wanted != null && !has(facts, wanted);
            if (byStore && !lacking) {
                return byStore(call, request, plan, object, opened, facts);
            }
            return streamed(
                    call,
                    request,
                    plan,
                    head,
                    wanted == null ? algorithm(facts) : wanted,
                    () -> sources.sealed(call, source, object, opened, null));
        }
    }

    private boolean byStore(
            S3Call call,
            ObjectRequest.CopyObject request,
            EncryptionPlan plan,
            StoredObject object,
            SealingKey opened,
            ContentFacts facts) {
        try (SealingKey key = keyring.rewrap(call.context(), opened, plan, request.bucket(), request.key())) {
            HttpHeaders headers = targetHeaders(request, object, key);
            HttpHeaders answer = held(call, key, opened::awaitAudit);
            BackendResponse response =
                    store.put(call.exchange().eventLoop(), request.bucket(), request.key(), headers, new byte[0]);
            XmlWriter result = result(call, request, object, response, facts, answer);
            opened.awaitAudit();
            key.awaitAudit();
            call.respondXml(answer, result);
            return true;
        }
    }

    /** Through the gateway, where the store cannot do it: it is read, and written anew. */
    private boolean streamed(
            S3Call call,
            ObjectRequest.CopyObject request,
            EncryptionPlan plan,
            CopyHead head,
            ChecksumAlgorithm checksum,
            Supplier<OpenSource> source) {
        TargetConditions.require(request.conditions(), capabilities.get().put());
        StreamedCopy.requireSize(head.length());
        HttpHeaders headers = kept(request, head.headers());
        String expires = expires(request, head);
        try (OpenSource open = source.get();
                SealingKey key = keyring.create(call.context(), plan, request.bucket(), request.key())) {
            HttpHeaders answer = held(call, key, open::awaitAudit);
            StreamedCopy.Copied copied = streaming.copy(call, request, open, key, headers, expires, checksum);
            if (copied.version() != null) {
                answer.set("x-amz-version-id", copied.version());
            }
            open.awaitAudit();
            key.awaitAudit();
            call.respondXml(answer, document(copied.lastModified(), copied.etag(), copied.facts()));
            return true;
        }
    }

    /** The answer's headers, with which it begins if it takes long. */
    private static HttpHeaders held(S3Call call, SealingKey key, Runnable awaitSource) {
        HttpHeaders answer = new DefaultHttpHeaders();
        EncryptionHeaders.addForWrite(answer, key.sse());
        call.hold(answer, () -> {
            awaitSource.run();
            key.awaitAudit();
        });
        return answer;
    }

    /** Those that cost nothing, or that the request names. */
    private ContentFacts facts(S3Call call, ObjectRequest.CopyObject request, StoredObject object, SealingKey opened) {
        if (request.checksum() == null && object.metadata().sealedFacts() == null) {
            return ContentFacts.NONE;
        }
        return reader.facts(
                call,
                object,
                opened,
                request.source().bucket(),
                request.source().key());
    }

    private static boolean has(ContentFacts facts, ChecksumAlgorithm algorithm) {
        return facts.checksums().stream().anyMatch(checksum -> checksum.algorithm() == algorithm);
    }

    /** The source's own where it is known and is of the whole. */
    private static ChecksumAlgorithm algorithm(ContentFacts facts) {
        return facts.checksums().stream()
                .filter(checksum -> !checksum.composite())
                .map(ContentFacts.Checksum::algorithm)
                .findFirst()
                .orElse(ChecksumAlgorithm.CRC64NVME);
    }

    /** What the target has beside its content: the request's or the source's, as the directive says. */
    private static HttpHeaders kept(ObjectRequest.CopyObject request, HttpHeaders source) {
        if (request.replaceMetadata()) {
            return StoreHeaders.forStore(request.headers());
        }
        HttpHeaders headers = StoreHeaders.copied(source);
        String storageClass = request.headers().storageClass();
        return storageClass == null ? headers : headers.set("x-amz-storage-class", storageClass);
    }

    private static @Nullable String expires(ObjectRequest.CopyObject request, CopyHead head) {
        StoredObject object = head.object();
        if (request.replaceMetadata()) {
            return StoreHeaders.expires(request.headers());
        }
        return object == null
                ? StoreHeaders.expires(head.headers().get("expires"))
                : object.metadata().expires();
    }

    private HttpHeaders targetHeaders(ObjectRequest.CopyObject request, StoredObject object, SealingKey key) {
        HttpHeaders headers = kept(request, object.headers());
        ObjectMetadata metadata =
                object.metadata().rewrapped(key.sse(), key.wrapped()).expiring(expires(request, CopyHead.of(object)));
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
        return document(modified, etag, facts);
    }

    private static XmlWriter document(String modified, String etag, ContentFacts facts) {
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

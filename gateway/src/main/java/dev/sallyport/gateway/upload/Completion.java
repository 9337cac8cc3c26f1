package dev.sallyport.gateway.upload;

import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.backend.BackendUnavailableException;
import dev.sallyport.gateway.backend.BackendUpload;
import dev.sallyport.gateway.format.ETags;
import dev.sallyport.gateway.format.ForgedObjectException;
import dev.sallyport.gateway.format.Id128;
import dev.sallyport.gateway.format.Layout;
import dev.sallyport.gateway.format.Manifest;
import dev.sallyport.gateway.format.ObjectMetadata;
import dev.sallyport.gateway.format.PartHeader;
import dev.sallyport.gateway.format.SealedFacts;
import dev.sallyport.gateway.format.SizeFormula;
import dev.sallyport.gateway.object.Futures;
import dev.sallyport.gateway.object.SealingKey;
import dev.sallyport.gateway.object.SingleObject;
import dev.sallyport.gateway.object.StoreHeaders;
import dev.sallyport.gateway.object.TargetConditions;
import dev.sallyport.gateway.s3.S3Errors;
import dev.sallyport.gateway.s3.S3Exception;
import dev.sallyport.gateway.s3.WriteConditions;
import dev.sallyport.gateway.s3.XmlElement;
import dev.sallyport.kms.crypto.AuthenticationFailedException;
import dev.sallyport.kms.envelope.Opener;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Commits an upload at the store: the last store part and the store's Complete, or one PUT when the only part is small. */
final class Completion {
    private final Uploads uploads;
    private final EventLoop loop;
    private final Upload upload;
    private final Selection selection;
    private final Manifest manifest;
    private final SealingKey key;
    private final WriteConditions conditions;
    private boolean committing;

    Completion(
            Uploads uploads,
            EventLoop loop,
            Upload upload,
            Selection selection,
            Manifest manifest,
            SealingKey key,
            WriteConditions conditions) {
        this.uploads = uploads;
        this.loop = loop;
        this.upload = upload;
        this.selection = selection;
        this.manifest = manifest;
        this.key = key;
        this.conditions = conditions;
    }

    /** Whether the store may have committed although an exception was thrown. */
    boolean mayHaveCommitted() {
        return committing;
    }

    UploadResult run() {
        return isSingle() ? single() : multipart();
    }

    /**
     * The object is there already, from an attempt at the same list whose outcome was not known; null when no attempt has
     * succeeded.
     *
     * @throws S3Exception {@code NoSuchUpload} when an attempt at another list has
     */
    @Nullable UploadResult committedBefore() {
        try (BackendResponse head = uploads.store.head(loop, upload.bucket(), upload.key())) {
            String etag = head.headers().get("etag");
            String size = head.headers().get("content-length");
            if (head.status() != 200 || etag == null || size == null || !uploads.isFrom(upload, head.headers())) {
                return null;
            }
            ObjectMetadata metadata = StoreHeaders.open(head.headers(), uploads.codec, upload.bucket(), upload.key());
            if (Long.parseLong(size) != SizeFormula.storedSize(selection.length()) || !isOfTheList(metadata, etag)) {
                throw S3Errors.noSuchUpload(upload.id());
            }
            return result(etag, head.headers().get("x-amz-version-id"));
        }
    }

    /** Whether an object of this upload, and of the right size, is of the list: the nonces of its parts tell. */
    private boolean isOfTheList(ObjectMetadata metadata, String etag) {
        byte[] facts = metadata.sealedFacts();
        if (metadata.layout() != Layout.MULTIPART) {
            return facts != null
                    && isSingle()
                    && SealedFacts.open(key.dataKey(), key.keys(), facts)
                            .checksums()
                            .equals(manifest.facts().checksums());
        }
        long size = SizeFormula.storedSize(selection.length());
        long first = manifest.partsLength();
        byte[] tail =
                uploads.store.range(loop, upload.bucket(), upload.key(), etag, first, Math.toIntExact(size - first));
        try {
            return Manifest.openTail(key.dataKey(), key.keys(), tail, size)
                    .parts()
                    .equals(manifest.parts());
        } catch (ForgedObjectException e) {
            return false;
        }
    }

    private boolean isSingle() {
        return selection.parts().size() == 1 && selection.length() < SizeFormula.MIN_PART;
    }

    private UploadResult multipart() {
        byte[] tail = manifest.sealTail(key.dataKey(), key.keys());
        List<UploadStore.StorePart> parts = new ArrayList<>();
        for (Part part : selection.parts()) {
            if (part.staged() == null) {
                parts.add(new UploadStore.StorePart(part.number(), ETags.toStore(part.etag())));
            }
        }
        Part last = selection.last();
        String staged = last.staged();
        if (staged != null && parts.isEmpty()) {
            // Part 10,000 alone: in a store part of its own, so that the store's ETag counts two.
            int number = SizeFormula.LAST_PART_NUMBER - 1;
            parts.add(
                    new UploadStore.StorePart(number, moved(number, staged, last.storedLength(), UploadStore.NOTHING)));
            staged = null;
        }
        String etag = staged == null
                ? etag(uploads.store.part(loop, upload, SizeFormula.LAST_PART_NUMBER, tail))
                : moved(SizeFormula.LAST_PART_NUMBER, staged, last.storedLength(), tail);
        parts.add(new UploadStore.StorePart(SizeFormula.LAST_PART_NUMBER, etag));
        committing = true;
        UploadStore.Completion done;
        try {
            done = uploads.store.complete(loop, upload, parts, conditionHeaders());
        } catch (BackendUnavailableException e) {
            UploadResult before = committedBefore();
            if (before == null) {
                throw e;
            }
            return before;
        }
        if (done.etag() != null) {
            return result(done.etag(), done.versionId());
        }
        if ("NoSuchUpload".equals(done.error())) {
            UploadResult before = committedBefore();
            if (before == null) {
                throw S3Errors.noSuchUpload(upload.id());
            }
            return before;
        }
        return refused(done.status(), done.error() == null ? "" : done.error(), done.message());
    }

    /**
     * The store says that it has not committed this attempt. An earlier one may be what fails its condition.
     *
     * @throws S3Exception why, unless an earlier attempt has succeeded
     */
    private UploadResult refused(int status, String code, String message) {
        boolean failed = status == 412 || code.equals("PreconditionFailed");
        UploadResult before = failed ? committedBefore() : null;
        if (before != null) {
            return before;
        }
        S3Exception refused = TargetConditions.refusal(
                status, code, message, conditions, upload.bucket(), upload.key(), this::isMissing);
        committing = false;
        throw refused;
    }

    private boolean isMissing() {
        try (BackendResponse head = uploads.store.head(loop, upload.bucket(), upload.key())) {
            return head.status() == 404;
        }
    }

    /** Streams a staged part, and what follows it, into a part of the store's upload. */
    private String moved(int number, String staged, long length, byte[] tail) {
        BackendResponse from = uploads.staging.get(loop, staged);
        if (from.status() != 200) {
            from.close();
            throw new BackendUnavailableException("a staged part cannot be read: " + from.status());
        }
        BackendUpload to;
        try {
            to = uploads.store.part(loop, upload, number, length + tail.length);
        } catch (RuntimeException e) {
            from.close();
            throw e;
        }
        from.body().start(new AppendingSink(to.body(), length, tail));
        return etag(Futures.await(to.response()));
    }

    private String etag(BackendResponse response) {
        if (response.status() != 200) {
            throw UploadStore.refusal(response, upload);
        }
        response.close();
        String etag = response.headers().get("etag");
        if (etag == null) {
            throw new BackendUnavailableException("the store took a part without an ETag");
        }
        return etag.replace("\"", "");
    }

    private UploadResult single() {
        Part part = selection.last();
        byte[] plain = plaintext(part);
        byte[] sealed = SealedFacts.seal(key.dataKey(), key.keys(), manifest.facts());
        String expires = uploads.metadata(upload).expires();
        HttpHeaders headers = conditionHeaders();
        upload.headers().forEach((name, value) -> {
            if (!name.equals(ObjectMetadata.HEADER)) {
                headers.set(name, value);
            }
        });
        byte[] body = plain;
        ObjectMetadata metadata;
        if (plain.length == 0) {
            metadata = ObjectMetadata.empty(key.keys(), key.commitment(), key.sse(), key.wrapped(), sealed, expires);
        } else {
            Id128 nonce = Id128.random();
            metadata = ObjectMetadata.single(
                    key.keys(), plain.length, nonce, key.commitment(), key.sse(), key.wrapped(), sealed, expires);
            body = SingleObject.seal(plain, nonce, key, manifest.facts());
        }
        StoreHeaders.seal(headers, uploads.codec, metadata, upload.bucket(), upload.key());
        committing = true;
        BackendResponse response = uploads.store.put(loop, upload.bucket(), upload.key(), headers, body);
        String etag = response.headers().get("etag");
        if (response.status() == 200 && etag != null) {
            response.close();
            return result(etag, response.headers().get("x-amz-version-id"));
        }
        try (response) {
            XmlElement error = XmlElement.parseOrNull(response.readBody(UploadStore.MAX_ANSWER));
            String code = error == null ? null : error.childText("Code");
            String message = error == null ? null : error.childText("Message");
            return refused(response.status(), code == null ? "" : code, message == null ? "" : message);
        }
    }

    private byte[] plaintext(Part part) {
        String staged = part.staged();
        if (staged == null) {
            throw new IllegalStateException("a small part that does not wait");
        }
        byte[] stored;
        try (BackendResponse from = uploads.staging.get(loop, staged)) {
            if (from.status() != 200) {
                throw new BackendUnavailableException("a staged part cannot be read: " + from.status());
            }
            stored = from.readBody((int) part.storedLength());
        }
        if (stored.length != part.storedLength()) {
            throw new BackendUnavailableException("a staged part has another length than it had");
        }
        byte[] plain = new byte[(int) part.size()];
        int sealed = SizeFormula.SEGMENT + SizeFormula.TAG;
        try (Opener opener = key.keys().opener(key.dataKey(), part.number(), part.nonce())) {
            long segments = SizeFormula.segments(part.size());
            int at = PartHeader.LENGTH;
            int out = 0;
            for (long i = 0; i < segments; i++) {
                int length = Math.min(sealed, stored.length - at);
                out += opener.open(stored, at, length, i, i == segments - 1, plain, out);
                at += length;
            }
        } catch (AuthenticationFailedException e) {
            throw new ForgedObjectException("a staged part does not authenticate");
        }
        return plain;
    }

    private HttpHeaders conditionHeaders() {
        HttpHeaders headers = new DefaultHttpHeaders();
        TargetConditions.add(headers, conditions);
        return headers;
    }

    private UploadResult result(String etag, @Nullable String version) {
        return new UploadResult(
                etag.replace("\"", ""),
                version,
                Uploads.seal(key, manifest.facts()),
                selection.parts().size());
    }
}

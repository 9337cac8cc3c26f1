package dev.sallyport.gateway.object;

import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.format.ForgedObjectException;
import dev.sallyport.gateway.format.Layout;
import dev.sallyport.gateway.format.Manifest;
import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.operation.S3Operation;
import dev.sallyport.gateway.s3.ObjectRequest;
import dev.sallyport.gateway.s3.ReadOptions;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * HeadObject: verifies metadata and size without a KMS call. Checksums and parts are sealed, so asking for them takes one
 * Decrypt, as on AWS.
 */
public final class HeadObject implements S3Operation<ObjectRequest.HeadObject> {
    private final ObjectReader reader;
    private final ForeignObjects foreign;

    public HeadObject(ObjectReader reader, ForeignObjects foreign) {
        this.reader = reader;
        this.foreign = foreign;
    }

    @Override
    public void handle(S3Call call, ObjectRequest.HeadObject request) {
        try {
            ObjectReader.steadily(() -> once(call, request));
        } catch (ForgedObjectException e) {
            throw Refusals.forged(
                    request.bucket(), request.key(), call.exchange().requestId(), e);
        }
    }

    private boolean once(S3Call call, ObjectRequest.HeadObject request) {
        ReadOptions options = request.options();
        try (BackendResponse response =
                reader.request(call, "HEAD", request.bucket(), request.key(), options.conditions(), null)) {
            if (response.status() != 200) {
                return ReadAnswer.refuse(call, response, request.bucket(), request.key(), options.conditions());
            }
            if (ReadAnswer.isUnmodified(call, response, options.conditions())) {
                return true;
            }
            HttpHeaders stored = response.headers();
            ByteRange range = Conditions.rangeWanted(options.ifRange(), stored.get("etag"), stored.get("last-modified"))
                    ? ByteRange.parse(options.range())
                    : null;
            if (foreign.serves(request.bucket(), response.headers())) {
                HttpHeaders headers = StoreHeaders.plain(response.headers());
                long length = Long.parseLong(response.headers().get("content-length", "0"));
                answer(call, options, headers, length, range == null ? null : range.in(length), range != null);
                return true;
            }
            StoredObject object = reader.stored(response, request.bucket(), request.key());
            HttpHeaders headers = StoreHeaders.forClient(object.headers(), object.metadata());
            ByteRange.Resolved resolved = range == null ? null : range.in(object.length());
            if (!options.checksumMode() && options.partNumber() == null) {
                answer(call, options, headers, object.length(), resolved, range != null);
                return true;
            }
            sealedFacts(call, request, object, headers, resolved);
            return true;
        }
    }

    /** What needs the object's key. */
    private void sealedFacts(
            S3Call call,
            ObjectRequest.HeadObject request,
            StoredObject object,
            HttpHeaders headers,
            ByteRange.@Nullable Resolved range) {
        ReadOptions options = request.options();
        try (SealingKey key = reader.open(call, object, request.bucket(), request.key())) {
            Manifest manifest = object.metadata().layout() == Layout.MULTIPART
                    ? reader.manifest(call, object, key, request.bucket(), request.key())
                    : null;
            ReadAnswer answer = new ReadAnswer(call, request.bucket(), request.key(), headers, false, key);
            Integer partNumber = options.partNumber();
            ByteRange.Resolved resolved = range;
            if (partNumber != null) {
                Parts.Part part = Parts.find(object, manifest, partNumber);
                resolved = part.range();
                if (manifest != null) {
                    answer.partsCount(manifest.parts().size());
                }
                if (options.checksumMode()) {
                    Parts.addChecksums(
                            answer,
                            part,
                            manifest,
                            () -> reader.facts(call, object, key, request.bucket(), request.key()));
                }
            } else if (range == null) {
                answer.checksums(
                        reader.facts(call, object, key, request.bucket(), request.key()),
                        manifest == null ? 0 : manifest.parts().size());
            }
            key.awaitAudit();
            long length = partNumber != null && resolved == null ? 0 : object.length();
            answer(call, options, headers, length, resolved, partNumber != null || range != null);
        }
    }

    private static void answer(
            S3Call call,
            ReadOptions options,
            HttpHeaders headers,
            long length,
            ByteRange.@Nullable Resolved range,
            boolean partial) {
        options.overrides().forEach(headers::set);
        long shown = length;
        if (range != null) {
            shown = range.last() - range.first() + 1;
            headers.set("content-range", "bytes " + range.first() + '-' + range.last() + '/' + length);
        }
        headers.set("content-length", Long.toString(shown));
        call.respond(partial ? 206 : 200, headers);
    }
}

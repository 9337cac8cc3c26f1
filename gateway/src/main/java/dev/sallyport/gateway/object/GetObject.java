package dev.sallyport.gateway.object;

import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.backend.BackendUnavailableException;
import dev.sallyport.gateway.format.ContentFacts;
import dev.sallyport.gateway.format.ForgedObjectException;
import dev.sallyport.gateway.format.Id128;
import dev.sallyport.gateway.format.Layout;
import dev.sallyport.gateway.format.Manifest;
import dev.sallyport.gateway.format.Reading;
import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.operation.S3Operation;
import dev.sallyport.gateway.s3.ObjectRequest;
import dev.sallyport.gateway.s3.ReadOptions;
import dev.sallyport.kms.envelope.SegmentLayout;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * GetObject: one Decrypt, and one request to the store for the whole or a range of a single object. Which stored bytes a
 * range needs is computed before the object is known to be single, and held against its metadata when the answer is here.
 *
 * <p>A multipart object's manifest is fetched while its body waits; a first range of it takes a request more. Which bytes a
 * name's ranges need is remembered from the last read, as a guess that the answer's own metadata confirms or not.
 */
public final class GetObject implements S3Operation<ObjectRequest.GetObject> {
    private final ObjectReader reader;
    private final ForeignObjects foreign;

    public GetObject(ObjectReader reader, ForeignObjects foreign) {
        this.reader = reader;
        this.foreign = foreign;
    }

    @Override
    public void handle(S3Call call, ObjectRequest.GetObject request) {
        try {
            ObjectReader.steadily(() -> once(call, request));
        } catch (ForgedObjectException e) {
            throw Refusals.forged(
                    request.bucket(), request.key(), call.exchange().requestId(), e);
        }
    }

    private boolean once(S3Call call, ObjectRequest.GetObject request) {
        ReadOptions options = request.options();
        ByteRange range = ByteRange.parse(options.range());
        if (options.partNumber() != null || (range != null && (range.isSuffix() || options.ifRange() != null))) {
            return afterHead(call, request, range);
        }
        BackendResponse response = reader.request(
                call,
                "GET",
                request.bucket(),
                request.key(),
                options.conditions(),
                range == null ? null : sealed(request, range));
        boolean taken = false;
        try {
            if (response.status() == 416) {
                taken = true;
                response.close();
                return afterHead(call, request, range);
            }
            if (response.status() != 200 && response.status() != 206) {
                taken = true;
                return ReadAnswer.refuse(call, response, request.bucket(), request.key(), options.conditions());
            }
            if (ReadAnswer.isUnmodified(call, response, options.conditions())) {
                return true;
            }
            if (foreign.serves(request.bucket(), response.headers())) {
                response.close();
                return foreign.get(call, request, reader);
            }
            if ((response.status() == 206) != (range != null)) {
                throw new BackendUnavailableException("the store ignores Range");
            }
            StoredObject object = reader.stored(response, request.bucket(), request.key());
            ByteRange.Resolved resolved = range == null ? null : range.in(object.length());
            try (SealingKey key = reader.open(call, object, request.bucket(), request.key())) {
                return fromHere(call, request, object, key, resolved, response);
            }
        } finally {
            if (!taken) {
                response.close();
            }
        }
    }

    /** The whole or a range, from the answer that is here if it begins where it should. */
    private boolean fromHere(
            S3Call call,
            ObjectRequest.GetObject request,
            StoredObject object,
            SealingKey key,
            ByteRange.@Nullable Resolved range,
            BackendResponse response) {
        Manifest manifest = object.metadata().layout() == Layout.MULTIPART
                ? reader.manifest(call, object, key, request.bucket(), request.key())
                : null;
        Reading reading = reading(object, manifest, range);
        if (object.bodyOffset() != reading.first() || object.bodyLength() < reading.storedLength()) {
            response.close();
            return piece(call, request, object, key, range, null);
        }
        ReadAnswer answer = answer(call, request, object, key, range);
        if (range == null && request.options().checksumMode()) {
            ContentFacts facts = reader.facts(call, object, key, request.bucket(), request.key());
            answer.checksums(facts, manifest == null ? 0 : manifest.parts().size());
        }
        answer.send(reading, object.bodyOffset(), object.bodyLength(), response);
        return true;
    }

    /** What needs the object's length or manifest before its bytes can be asked for. */
    private boolean afterHead(S3Call call, ObjectRequest.GetObject request, @Nullable ByteRange range) {
        ReadOptions options = request.options();
        try (BackendResponse head =
                reader.request(call, "HEAD", request.bucket(), request.key(), options.conditions(), null)) {
            if (head.status() != 200) {
                return ReadAnswer.refuse(call, head, request.bucket(), request.key(), options.conditions());
            }
            if (ReadAnswer.isUnmodified(call, head, options.conditions())) {
                return true;
            }
            HttpHeaders stored = head.headers();
            if (range != null
                    && !Conditions.rangeWanted(options.ifRange(), stored.get("etag"), stored.get("last-modified"))) {
                return once(call, new ObjectRequest.GetObject(request.bucket(), request.key(), options.withoutRange()));
            }
            if (foreign.serves(request.bucket(), head.headers())) {
                return foreign.get(call, request, reader);
            }
            StoredObject object = reader.stored(head, request.bucket(), request.key());
            ByteRange.Resolved resolved = range == null ? null : range.in(object.length());
            try (SealingKey key = reader.open(call, object, request.bucket(), request.key())) {
                return piece(call, request, object, key, resolved, options.partNumber());
            }
        }
    }

    /** A range or a part of an object whose head is known. */
    private boolean piece(
            S3Call call,
            ObjectRequest.GetObject request,
            StoredObject object,
            SealingKey key,
            ByteRange.@Nullable Resolved range,
            @Nullable Integer partNumber) {
        Manifest manifest = object.metadata().layout() == Layout.MULTIPART
                ? reader.manifest(call, object, key, request.bucket(), request.key())
                : null;
        Parts.Part part = partNumber == null ? null : Parts.find(object, manifest, partNumber);
        ByteRange.Resolved resolved = part == null ? range : part.range();
        ReadAnswer answer = answer(call, request, object, key, resolved);
        if (part != null) {
            if (manifest != null) {
                answer.partsCount(manifest.parts().size());
            }
            if (request.options().checksumMode()) {
                Parts.addChecksums(
                        answer, part, manifest, () -> reader.facts(call, object, key, request.bucket(), request.key()));
            }
        }
        if (resolved == null) {
            answer.sendEmpty(part != null ? 206 : 200);
            return true;
        }
        Reading reading = manifest != null && part != null
                ? Reading.part(manifest, part.index())
                : reading(object, manifest, resolved);
        try (BackendResponse response = reader.get(
                call.exchange().eventLoop(),
                object,
                request.bucket(),
                request.key(),
                reading.first(),
                reading.last())) {
            answer.send(reading, reading.first(), reading.storedLength(), response);
        }
        return true;
    }

    private static ReadAnswer answer(
            S3Call call,
            ObjectRequest.GetObject request,
            StoredObject object,
            SealingKey key,
            ByteRange.@Nullable Resolved range) {
        HttpHeaders headers = StoreHeaders.forClient(object.headers(), object.metadata());
        request.options().overrides().forEach(headers::set);
        if (range != null) {
            headers.set("content-range", "bytes " + range.first() + '-' + range.last() + '/' + object.length());
        }
        return new ReadAnswer(call, request.bucket(), request.key(), headers, range != null, key);
    }

    /** What to read of an object: a range, or the whole when it is null. */
    static Reading reading(StoredObject object, @Nullable Manifest manifest, ByteRange.@Nullable Resolved range) {
        if (manifest != null) {
            return range == null
                    ? Reading.wholeMultipart(manifest)
                    : Reading.rangeOfMultipart(manifest, range.first(), range.last());
        }
        Id128 nonce = object.metadata().nonce();
        if (nonce == null) {
            return new Reading(0, 0, 0, 0, List.of(), 0);
        }
        return range == null
                ? Reading.wholeSingle(nonce, object.length())
                : Reading.rangeOfSingle(nonce, object.length(), range.first(), range.last());
    }

    /**
     * The stored bytes that hold a range if the object is single, or multipart as it was when it was last read; to the
     * object's end when the range is.
     */
    private String sealed(ObjectRequest.GetObject request, ByteRange range) {
        Manifest guess = reader.guess(request.bucket(), request.key());
        if (guess != null && range.first() < guess.length()) {
            ByteRange.Resolved resolved = range.in(guess.length());
            Reading reading = Reading.rangeOfMultipart(guess, resolved.first(), resolved.last());
            return "bytes=" + reading.first() + '-' + reading.last();
        }
        long first = range.first() / SegmentLayout.SEGMENT_BYTES * SegmentLayout.SEALED_SEGMENT_BYTES;
        if (range.last() < 0 || range.last() > Long.MAX_VALUE / 2) {
            return "bytes=" + first + '-';
        }
        long last = (range.last() / SegmentLayout.SEGMENT_BYTES + 1) * SegmentLayout.SEALED_SEGMENT_BYTES - 1;
        return "bytes=" + first + '-' + last;
    }
}

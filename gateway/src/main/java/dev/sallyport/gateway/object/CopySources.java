package dev.sallyport.gateway.object;

import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.backend.BackendUnavailableException;
import dev.sallyport.gateway.bucket.BucketStore;
import dev.sallyport.gateway.format.ForgedObjectException;
import dev.sallyport.gateway.format.Layout;
import dev.sallyport.gateway.format.Manifest;
import dev.sallyport.gateway.format.Reading;
import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.operation.StoreErrors;
import dev.sallyport.gateway.s3.CopySource;
import dev.sallyport.gateway.s3.ReadConditions;
import dev.sallyport.gateway.s3.S3Errors;
import dev.sallyport.gateway.s3.S3Exception;
import io.netty.channel.EventLoop;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** The sources of copies: found, held against their conditions, and opened to be read. */
public final class CopySources {
    /** The longest source that S3 copies in one request, in bytes. */
    static final long MAX_COPY = 5L << 30;

    private static final ReadConditions NO_CONDITIONS = new ReadConditions(null, null, null, null);

    private final BucketStore buckets;
    private final ObjectReader reader;
    private final ForeignObjects foreign;
    private final InstantSource clock;

    public CopySources(BucketStore buckets, ObjectReader reader, ForeignObjects foreign, InstantSource clock) {
        this.buckets = buckets;
        this.reader = reader;
        this.foreign = foreign;
        this.clock = clock;
    }

    /**
     * The head of a source, its conditions held.
     *
     * @throws S3Exception {@code NoSuchBucket}, {@code NoSuchKey}, {@code PreconditionFailed}
     * @throws ForgedObjectException when it is not as the gateway left it
     */
    CopyHead head(S3Call call, CopySource source) {
        try (BackendResponse response =
                reader.request(call, "HEAD", source.bucket(), source.key(), NO_CONDITIONS, null)) {
            if (response.status() == 404) {
                // An answer to HEAD does not tell which of the two is missing.
                try (BackendResponse bucket = buckets.execute(call, "HEAD", source.bucket(), null)) {
                    throw bucket.status() == 404
                            ? S3Errors.noSuchBucket(source.bucket())
                            : S3Errors.noSuchKey(source.key());
                }
            }
            if (response.status() != 200) {
                throw StoreErrors.of(response, source.bucket(), source.key());
            }
            CopyHead head = foreign.serves(source.bucket(), response.headers())
                    ? foreignHead(response)
                    : CopyHead.of(reader.stored(response, source.bucket(), source.key()));
            CopyConditions.check(
                    source.conditions(), head.etag(), head.headers().get("last-modified"), clock.instant());
            return head;
        }
    }

    private static CopyHead foreignHead(BackendResponse response) {
        String etag = response.headers().get("etag");
        if (etag == null || etag.isEmpty()) {
            throw new BackendUnavailableException("the store shows no ETag");
        }
        long size = StoredObject.number(response.headers().get("content-length"));
        return CopyHead.foreign(response.headers(), etag, size);
    }

    /** @throws S3Exception {@code InvalidRequest} for more than one request copies */
    static void requireSize(long length) {
        if (length > MAX_COPY) {
            throw S3Errors.invalidRequest(
                    "The specified copy source is larger than the maximum allowable size for a copy source: "
                            + MAX_COPY);
        }
    }

    /**
     * Opens a source, whole or a range of it: one Decrypt on the caller's behalf, and the store begins to give its bytes.
     * Closed by the caller.
     *
     * @param range {@code x-amz-copy-source-range} as sent; null for the whole
     * @throws S3Exception as {@link #head}; {@code InvalidArgument} for a range that is none, or is not in the source;
     *     {@code InvalidRequest} for more than 5 GiB
     * @throws ForgedObjectException when it is not as the gateway left it
     */
    public OpenSource open(S3Call call, CopySource source, @Nullable String range) {
        CopyRange parsed = range == null ? null : CopyRange.parse(range);
        return ObjectReader.steadily(() -> once(call, source, parsed));
    }

    private OpenSource once(S3Call call, CopySource source, @Nullable CopyRange range) {
        CopyHead head = head(call, source);
        ByteRange.Resolved resolved = range == null ? null : range.in(head.length());
        requireSize(resolved == null ? head.length() : resolved.last() - resolved.first() + 1);
        StoredObject object = head.object();
        return object == null
                ? foreign(call, source, head, resolved)
                : sealed(call, source, object, reader.open(call, object, source.bucket(), source.key()), resolved);
    }

    /**
     * The whole of a source that the gateway did not write, or a range of it.
     *
     * @throws ObjectChangedException when it was replaced
     */
    OpenSource foreign(S3Call call, CopySource source, CopyHead head, ByteRange.@Nullable Resolved range) {
        long first = range == null ? 0 : range.first();
        long last = range == null ? head.storedSize() - 1 : range.last();
        if (last < first) {
            return new ForeignSource(0, null);
        }
        EventLoop loop = call.exchange().eventLoop();
        BackendResponse response =
                reader.get(loop, head.etag(), head.storedSize(), source.bucket(), source.key(), first, last);
        if (!foreign.serves(source.bucket(), response.headers())) {
            response.close();
            throw new ObjectChangedException();
        }
        return new ForeignSource(last - first + 1, response);
    }

    /**
     * The whole of a source of the gateway's, or a range of it.
     *
     * @param key its data key, closed with the source, or when there is none
     * @throws ObjectChangedException when it was replaced
     */
    OpenSource sealed(
            S3Call call, CopySource source, StoredObject object, SealingKey key, ByteRange.@Nullable Resolved range) {
        boolean opened = false;
        try {
            Manifest manifest = object.metadata().layout() == Layout.MULTIPART
                    ? reader.manifest(call, object, key, source.bucket(), source.key())
                    : null;
            Reading reading = GetObject.reading(object, manifest, range);
            BackendResponse response = reading.storedLength() == 0
                    ? null
                    : reader.get(
                            call.exchange().eventLoop(),
                            object,
                            source.bucket(),
                            source.key(),
                            reading.first(),
                            reading.last());
            opened = true;
            return new SealedSource(key, reading, response);
        } finally {
            if (!opened) {
                key.close();
            }
        }
    }
}

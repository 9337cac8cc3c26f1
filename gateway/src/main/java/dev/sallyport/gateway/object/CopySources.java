package dev.sallyport.gateway.object;

import dev.sallyport.gateway.backend.BackendResponse;
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
     * @throws S3Exception {@code NoSuchBucket}, {@code NoSuchKey}, {@code PreconditionFailed}; {@code NotImplemented} for an
     *     object that the gateway did not write
     * @throws ForgedObjectException when it is not as the gateway left it
     */
    StoredObject head(S3Call call, CopySource source) {
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
            if (foreign.serves(source.bucket(), response.headers())) {
                throw S3Errors.notImplemented("copy of an object that the gateway did not write");
            }
            StoredObject object = reader.stored(response, source.bucket(), source.key());
            CopyConditions.check(
                    source.conditions(), object.etag(), object.headers().get("last-modified"), clock.instant());
            return object;
        }
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
        StoredObject object = head(call, source);
        ByteRange.Resolved resolved = range == null ? null : range.in(object.length());
        long length = resolved == null ? object.length() : resolved.last() - resolved.first() + 1;
        requireSize(length);
        SealingKey key = reader.open(call, object, source.bucket(), source.key());
        boolean opened = false;
        try {
            Manifest manifest = object.metadata().layout() == Layout.MULTIPART
                    ? reader.manifest(call, object, key, source.bucket(), source.key())
                    : null;
            Reading reading = GetObject.reading(object, manifest, resolved);
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
            return new OpenSource(key, reading, length, response);
        } finally {
            if (!opened) {
                key.close();
            }
        }
    }
}

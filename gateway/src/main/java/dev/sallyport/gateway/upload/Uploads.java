package dev.sallyport.gateway.upload;

import dev.sallyport.gateway.format.ContentFacts;
import dev.sallyport.gateway.format.ForgedObjectException;
import dev.sallyport.gateway.format.MetadataCodec;
import dev.sallyport.gateway.format.ObjectMetadata;
import dev.sallyport.gateway.format.SealedFacts;
import dev.sallyport.gateway.object.ObjectKeyring;
import dev.sallyport.gateway.object.Refusals;
import dev.sallyport.gateway.object.SealingKey;
import dev.sallyport.gateway.object.StoreHeaders;
import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.s3.S3Errors;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** What the operations on uploads share: the tables, the store, the staging area, and the keys of uploads. */
final class Uploads {
    final UploadTables tables;
    final UploadStore store;
    final StagingArea staging;
    final MetadataCodec codec;
    private final ObjectKeyring keyring;
    private final InstantSource clock;

    Uploads(
            UploadTables tables,
            UploadStore store,
            StagingArea staging,
            ObjectKeyring keyring,
            MetadataCodec codec,
            InstantSource clock) {
        this.tables = tables;
        this.store = store;
        this.staging = staging;
        this.keyring = keyring;
        this.codec = codec;
        this.clock = clock;
    }

    Instant now() {
        return clock.instant();
    }

    /** @throws dev.sallyport.gateway.s3.S3Exception {@code NoSuchUpload} unless the upload takes parts */
    Upload require(String bucket, String key, String id) {
        Upload upload = tables.find(bucket, key, id);
        if (upload == null || !upload.state().takesParts()) {
            throw S3Errors.noSuchUpload(id);
        }
        return upload;
    }

    /** The metadata that the upload began with, verified. */
    ObjectMetadata metadata(Upload upload) {
        HttpHeaders headers = new DefaultHttpHeaders();
        upload.headers().forEach(headers::set);
        return StoreHeaders.open(headers, codec, upload.bucket(), upload.key());
    }

    /** Whether an object that the store has under the upload's name was completed from this upload. */
    boolean isFrom(Upload upload, HttpHeaders stored) {
        try {
            ObjectMetadata found = StoreHeaders.open(stored, codec, upload.bucket(), upload.key());
            return found.keys().objectId().equals(metadata(upload).keys().objectId());
        } catch (ForgedObjectException e) {
            return false;
        }
    }

    /** The upload's data key: one Decrypt. Closed by the caller. */
    SealingKey open(S3Call call, Upload upload) {
        try {
            return keyring.open(call.context(), metadata(upload), upload.bucket(), upload.key());
        } catch (ForgedObjectException e) {
            throw Refusals.forged(upload.bucket(), upload.key(), call.exchange().requestId(), e);
        }
    }

    static String seal(SealingKey key, ContentFacts facts) {
        return Base64.getEncoder().encodeToString(SealedFacts.seal(key.dataKey(), key.keys(), facts));
    }

    /** The checksum of a part. */
    static ContentFacts.Checksum checksum(SealingKey key, Part part) {
        byte[] sealed = Base64.getDecoder().decode(part.facts());
        List<ContentFacts.Checksum> checksums =
                SealedFacts.open(key.dataKey(), key.keys(), sealed).checksums();
        if (checksums.size() != 1) {
            throw new ForgedObjectException("a part with " + checksums.size() + " checksums");
        }
        return checksums.getFirst();
    }

    /** Deletes what waits for an upload that has ended, then the rows of its parts; false when something is left. */
    boolean discardParts(EventLoop loop, Upload upload) {
        boolean all = true;
        List<String> deleted = new ArrayList<>();
        for (Part part : tables.parts(upload)) {
            String staged = part.staged();
            if (staged != null) {
                if (staging.delete(loop, staged)) {
                    deleted.add(staged);
                } else {
                    all = false;
                }
            }
        }
        // By the rows that go, so that nothing comes back twice however often this is tried.
        staging.release(all ? tables.removeParts(upload) : tables.removeStaged(deleted));
        return all;
    }
}

package dev.sallyport.gateway.upload;

import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.backend.BackendUnavailableException;
import dev.sallyport.gateway.backend.BackendUpload;
import dev.sallyport.gateway.checksum.ChecksumAlgorithm;
import dev.sallyport.gateway.format.ContentFacts;
import dev.sallyport.gateway.format.ETags;
import dev.sallyport.gateway.format.Id128;
import dev.sallyport.gateway.format.PartHeader;
import dev.sallyport.gateway.object.PayloadVerifier;
import dev.sallyport.gateway.object.SealingKey;
import dev.sallyport.gateway.object.SealingSink;
import dev.sallyport.gateway.s3.PayloadDigests;
import dev.sallyport.gateway.s3.S3Errors;
import dev.sallyport.gateway.s3.S3Exception;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Seals a part and brings it to where it waits: into the store's upload, or to the staging bucket. Each attempt has a fresh
 * nonce.
 */
final class PartWriter {
    private final Uploads uploads;

    /** Sends the part's plaintext through the sink, and gives the store's answer. */
    @FunctionalInterface
    interface Source {
        BackendResponse send(SealingSink sink, BackendUpload upload);
    }

    /** A part that is written and in the tables. */
    record Written(Part part, ContentFacts.Checksum checksum) {}

    PartWriter(Uploads uploads) {
        this.uploads = uploads;
    }

    /** @throws S3Exception {@code EntityTooLarge} */
    static void requireSize(int number, long size) {
        long most = Part.maxSize(number);
        if (size > most) {
            throw new S3Exception(
                            400,
                            "EntityTooLarge",
                            "Your proposed upload exceeds the maximum allowed size: encrypted a part must fit in 5 GiB, which leaves "
                                    + most + " bytes for this one.")
                    .with("ProposedSize", Long.toString(size))
                    .with("MaxSizeAllowed", Long.toString(most));
        }
    }

    Written write(
            EventLoop loop,
            Upload upload,
            SealingKey key,
            int number,
            long size,
            PayloadDigests digests,
            Supplier<Map<String, String>> trailers,
            Source source) {
        if (!Part.waits(number, size)) {
            return write(loop, upload, key, number, size, null, digests, trailers, source);
        }
        uploads.staging.reserve(size);
        boolean kept = false;
        try {
            String staged = upload.id() + '/' + number + '-' + Id128.random();
            Written written = write(loop, upload, key, number, size, staged, digests, trailers, source);
            kept = true;
            return written;
        } finally {
            if (!kept) {
                uploads.staging.release(size);
            }
        }
    }

    private Written write(
            EventLoop loop,
            Upload upload,
            SealingKey key,
            int number,
            long size,
            @Nullable String staged,
            PayloadDigests digests,
            Supplier<Map<String, String>> trailers,
            Source source) {
        Id128 nonce = Id128.random();
        long length = Part.storedLength(size);
        BackendUpload target = staged == null
                ? uploads.store.part(loop, upload, number, length)
                : uploads.staging.upload(loop, staged, length);
        PayloadVerifier verifier = PayloadVerifier.keeping(digests, upload.keptChecksum());
        AtomicReference<@Nullable ContentFacts> facts = new AtomicReference<>();
        SealingSink sink = new SealingSink(
                new PrefixSink(target.body(), new PartHeader(number, nonce).encode()),
                key.keys().sealer(key.dataKey(), number, nonce),
                size,
                verifier,
                () -> {
                    facts.set(verifier.finish(trailers.get()));
                    return UploadStore.NOTHING;
                },
                ByteBufAllocator.DEFAULT);
        BackendResponse response = source.send(sink, target);
        if (response.status() != 200) {
            if (staged != null && response.status() == 404) {
                uploads.staging.lost();
                response.close();
                throw new BackendUnavailableException("the staging bucket is gone");
            }
            throw UploadStore.refusal(response, upload);
        }
        response.close();
        String etag = response.headers().get("etag");
        ContentFacts found = facts.get();
        if (etag == null || found == null) {
            throw new BackendUnavailableException("the store took a part without an ETag, or before it was sent");
        }
        String shown = ETags.toClient(etag.replace("\"", ""));
        Part part = new Part(number, shown, size, nonce, Uploads.seal(key, found), staged, uploads.now());
        record(loop, upload, part);
        return new Written(part, found.checksums().getFirst());
    }

    private void record(EventLoop loop, Upload upload, Part part) {
        var superseded = uploads.tables.addPart(upload, part);
        if (superseded == null) {
            if (part.staged() != null) {
                uploads.staging.delete(loop, part.staged());
            }
            throw S3Errors.noSuchUpload(upload.id());
        }
        for (Part old : superseded) {
            if (old.staged() != null) {
                // The quota counts what is in the tables, so it comes back even if the object is left to the sweeper.
                uploads.staging.release(old.size());
                uploads.staging.delete(loop, old.staged());
            }
        }
    }

    /** @throws S3Exception when a part brings another checksum than its upload has */
    static void requireAlgorithm(Upload upload, @Nullable ChecksumAlgorithm sent) {
        ChecksumAlgorithm expected = upload.checksum();
        if (expected != null && sent != null && sent != expected) {
            throw S3Errors.invalidRequest("Checksum Type mismatch occurred, expected checksum Type: " + lower(expected)
                    + ", actual checksum Type: " + lower(sent));
        }
    }

    private static String lower(ChecksumAlgorithm algorithm) {
        return algorithm.name().toLowerCase(java.util.Locale.ROOT);
    }
}

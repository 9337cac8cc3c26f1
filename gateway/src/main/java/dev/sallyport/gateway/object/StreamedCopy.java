package dev.sallyport.gateway.object;

import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.backend.BackendUnavailableException;
import dev.sallyport.gateway.checksum.ChecksumAlgorithm;
import dev.sallyport.gateway.format.ContentFacts;
import dev.sallyport.gateway.format.SizeFormula;
import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.s3.ObjectRequest;
import dev.sallyport.gateway.s3.PayloadDigests;
import dev.sallyport.gateway.s3.S3Errors;
import dev.sallyport.gateway.s3.S3Exception;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A copy whose bytes pass the gateway, sealed anew under a fresh data key: by one PUT, so its conditions are a PUT's. */
final class StreamedCopy {
    private final ObjectStore store;
    private final SingleWriter writer;
    private final InstantSource clock;

    StreamedCopy(ObjectStore store, SingleWriter writer, InstantSource clock) {
        this.store = store;
        this.writer = writer;
        this.clock = clock;
    }

    /**
     * What the target is now.
     *
     * @param etag the store's
     */
    record Copied(
            String etag, String lastModified, @Nullable String version, ContentFacts facts) {}

    /** @throws S3Exception {@code InvalidRequest} for a source that does not fit into one PUT when sealed */
    static void requireSize(long length) {
        if (length > SizeFormula.MAX_PUT) {
            throw S3Errors.invalidRequest(
                    "The specified copy source is larger than the maximum allowable size for a copy source: "
                            + SizeFormula.MAX_PUT + " where it has to be encrypted anew");
        }
    }

    /** @param checksum of the content, to be kept with the target */
    Copied copy(
            S3Call call,
            ObjectRequest.CopyObject request,
            OpenSource source,
            SealingKey key,
            HttpHeaders headers,
            @Nullable String expires,
            ChecksumAlgorithm checksum) {
        TargetConditions.add(headers, request.conditions());
        SingleWriter.Target target = new SingleWriter.Target(request.bucket(), request.key(), headers, expires);
        EventLoop loop = call.exchange().eventLoop();
        PayloadVerifier verifier = new PayloadVerifier(PayloadDigests.NONE, checksum);
        SingleWriter.Written written;
        if (source.length() <= SingleWriter.SMALL) {
            byte[] plain = source.readWhole();
            verifier.update(plain, 0, plain.length);
            written = writer.write(loop, target, key, plain, verifier.finish(Map.of()));
        } else {
            written = writer.stream(
                    loop,
                    target,
                    key,
                    source.length(),
                    verifier,
                    Map::of,
                    (sink, upload) -> source.send(loop, sink, upload));
        }
        BackendResponse response = written.response();
        if (response.status() != 200) {
            throw store.refusal(loop, response, request.bucket(), request.key(), request.conditions());
        }
        response.close();
        String etag = response.headers().get("etag");
        if (etag == null) {
            throw new BackendUnavailableException("the store took an object without an ETag");
        }
        return new Copied(
                etag,
                modified(response.headers().get("date")),
                response.headers().get("x-amz-version-id"),
                written.facts());
    }

    /** By the store's clock where it tells the time. */
    private String modified(@Nullable String date) {
        Instant instant = clock.instant();
        if (date != null) {
            try {
                instant = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME)
                        .toInstant();
            } catch (DateTimeException e) {
                // No date: the gateway's own clock is as good.
            }
        }
        return DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'")
                .withZone(java.time.ZoneOffset.UTC)
                .format(instant.truncatedTo(ChronoUnit.SECONDS));
    }
}

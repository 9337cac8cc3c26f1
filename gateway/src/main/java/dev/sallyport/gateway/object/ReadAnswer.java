package dev.sallyport.gateway.object;

import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.backend.BackendUnavailableException;
import dev.sallyport.gateway.flow.Buffers;
import dev.sallyport.gateway.flow.ByteSink;
import dev.sallyport.gateway.format.ContentFacts;
import dev.sallyport.gateway.format.ETags;
import dev.sallyport.gateway.format.ForgedObjectException;
import dev.sallyport.gateway.format.Reading;
import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.s3.ReadConditions;
import dev.sallyport.gateway.s3.S3Errors;
import dev.sallyport.gateway.s3.S3Exception;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Instant;

/** The answer to a read: opens what the store gives, and sends it. */
final class ReadAnswer {
    /** What is opened whole before the answer begins, so that whatever is wrong with it has a proper error. */
    private static final int SMALL = 256 << 10;

    private static final byte[] NOTHING = new byte[0];

    private final S3Call call;
    private final String bucket;
    private final String objectKey;
    private final HttpHeaders headers;
    private final boolean partial;
    private final SealingKey key;

    ReadAnswer(S3Call call, String bucket, String objectKey, HttpHeaders headers, boolean partial, SealingKey key) {
        this.call = call;
        this.bucket = bucket;
        this.objectKey = objectKey;
        this.headers = headers;
        this.partial = partial;
        this.key = key;
    }

    void checksums(ContentFacts facts, int parts) {
        ChecksumHeaders.add(headers, facts, parts);
    }

    void partsCount(int parts) {
        headers.set("x-amz-mp-parts-count", Integer.toString(parts));
    }

    void sendEmpty(int status) {
        key.awaitAudit();
        call.exchange().respond(status, headers, NOTHING);
    }

    /**
     * Sends what a reading gives.
     *
     * @param bodyOffset offset in the object of the first byte of the store's body
     * @param bodyLength bytes of it; may be more than the reading's
     */
    void send(Reading reading, long bodyOffset, long bodyLength, BackendResponse response) {
        int status = partial ? 206 : 200;
        if (reading.storedLength() == 0) {
            sendEmpty(status);
            return;
        }
        if (bodyOffset != reading.first() || bodyLength < reading.storedLength()) {
            throw new BackendUnavailableException("the store gives other bytes than it was asked for");
        }
        if (reading.plainLength() <= SMALL && bodyLength <= 2 * SMALL) {
            byte[] plain = open(reading, key, response.readBody((int) bodyLength));
            key.awaitAudit();
            call.exchange().respond(status, headers, plain);
        } else {
            stream(status, reading, response);
        }
    }

    /** What a reading gives, from stored bytes that begin with its own. */
    static byte[] open(Reading reading, SealingKey key, byte[] stored) {
        byte[] plain = new byte[(int) reading.plainLength()];
        int[] filled = new int[1];
        try (ReadingOpener opener = new ReadingOpener(reading, key.keys(), key.dataKey())) {
            opener.accept(Unpooled.wrappedBuffer(stored), (bytes, offset, length) -> {
                System.arraycopy(bytes, offset, plain, filled[0], length);
                filled[0] += length;
            });
            if (!opener.done() || filled[0] != plain.length) {
                throw new BackendUnavailableException("the store's answer is shorter than its object");
            }
        }
        return plain;
    }

    private void stream(int status, Reading reading, BackendResponse response) {
        ReadingOpener opener = new ReadingOpener(reading, key.keys(), key.dataKey());
        OpeningSink sink = new OpeningSink(response.body(), reading, opener, Buffers.ALLOCATOR);
        response.body().start(sink);
        try {
            Futures.await(sink.ready());
            key.awaitAudit();
        } catch (RuntimeException e) {
            sink.abandon(e);
            throw e;
        }
        ByteSink out = call.exchange().respondStreaming(status, headers, reading.plainLength());
        call.exchange().eventLoop().execute(() -> sink.connect(out));
        try {
            Futures.await(sink.done());
        } catch (ForgedObjectException | BackendUnavailableException e) {
            Refusals.cut(bucket, objectKey, call.exchange().requestId(), e);
        } catch (RuntimeException e) {
            // The client is gone, or its connection broke: the access log says so.
            return;
        }
    }

    /**
     * Weighs the conditions by what the store has answered with; true when that was 304 and the client has its answer.
     *
     * @throws S3Exception {@code PreconditionFailed}
     */
    static boolean isUnmodified(S3Call call, BackendResponse response, ReadConditions conditions) {
        String etag = response.headers().get("etag");
        if (conditions.isEmpty() || etag == null) {
            return false;
        }
        String failed = Conditions.failed(conditions, etag, response.headers().get("last-modified"), Instant.now());
        if (failed == null) {
            return false;
        }
        if (failed.equals("If-Match") || failed.equals("If-Unmodified-Since")) {
            throw S3Errors.preconditionFailed(failed);
        }
        return unmodified(call, response, conditions);
    }

    /** Answers 304, or throws what the store refused with. */
    static boolean refuse(S3Call call, BackendResponse response, String bucket, String key, ReadConditions conditions) {
        if (response.status() != 304) {
            throw ObjectStore.refusal(response, bucket, key, conditions);
        }
        return unmodified(call, response, conditions);
    }

    private static boolean unmodified(S3Call call, BackendResponse response, ReadConditions conditions) {
        HttpHeaders stored = response.headers();
        HttpHeaders headers = new DefaultHttpHeaders();
        String etag = stored.get("etag");
        String named = conditions.ifNoneMatch();
        if (etag != null) {
            headers.set("etag", ETags.toClient(etag));
        } else if (named != null && named.startsWith("\"") && named.indexOf(',') < 0) {
            // One store leaves it out: then it is the one that the client named.
            headers.set("etag", named);
        }
        String modified = stored.get("last-modified");
        if (modified != null) {
            headers.set("last-modified", modified);
        }
        response.close();
        call.respond(304, headers);
        return true;
    }
}

package dev.sallyport.gateway.upload;

import dev.sallyport.gateway.backend.Backend;
import dev.sallyport.gateway.backend.BackendRequest;
import dev.sallyport.gateway.backend.BackendRequest.QueryPair;
import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.backend.BackendUnavailableException;
import dev.sallyport.gateway.backend.BackendUpload;
import dev.sallyport.gateway.s3.S3Exception;
import dev.sallyport.gateway.s3.XmlElement;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bucket of the store where sealed parts wait that the store's own upload cannot take: those under 5 MiB, of which one
 * may be the last, and part 10,000. No client reaches it. What waits is bounded by a quota.
 */
final class StagingArea {
    private static final Logger LOG = LoggerFactory.getLogger(StagingArea.class);
    private static final int MAX_LISTING = 8 << 20;

    private final Backend backend;
    private final String bucket;
    private final long quota;
    private final AtomicLong used;
    private volatile boolean there;

    /** An object in the bucket. */
    record Staged(String key, Instant modified) {}

    /** A page of the bucket's objects; {@code next} is null on the last one. */
    record Page(List<Staged> objects, @Nullable String next) {}

    /**
     * @param bucket the store's name
     * @param quota bytes of plaintext that may wait
     * @param used bytes that wait now
     */
    StagingArea(Backend backend, String bucket, long quota, long used) {
        this.backend = backend;
        this.bucket = bucket;
        this.quota = quota;
        this.used = new AtomicLong(used);
    }

    /**
     * Sets bytes aside for a part; {@link #release} gives them back.
     *
     * @throws S3Exception {@code SlowDown} when the quota is used up
     */
    void reserve(long size) {
        if (used.addAndGet(size) > quota) {
            used.addAndGet(-size);
            LOG.warn("the quota of {} bytes for parts that wait in {} is used up", quota, bucket);
            throw new S3Exception(
                    503, "SlowDown", "Please reduce your request rate. Too much waits for uploads to be completed.");
        }
    }

    void release(long size) {
        used.addAndGet(-size);
    }

    long used() {
        return used.get();
    }

    /** PUT of a part that streams. */
    BackendUpload upload(EventLoop loop, String key, long length) {
        ensureBucket(loop);
        return backend.upload(loop, request("PUT", key), length);
    }

    /** The answer, whatever its status, is the caller's to close. */
    BackendResponse get(EventLoop loop, String key) {
        return backend.execute(loop, request("GET", key), UploadStore.NOTHING);
    }

    /** Deletes; what fails is left to the sweeper. */
    boolean delete(EventLoop loop, String key) {
        try (BackendResponse response = backend.execute(loop, request("DELETE", key), UploadStore.NOTHING)) {
            return response.status() == 204 || response.status() == 200 || response.status() == 404;
        } catch (BackendUnavailableException e) {
            LOG.info("a staged part is left to the sweeper: {}", e.getMessage());
            return false;
        }
    }

    /** Forgets that the bucket is there: the store says otherwise. */
    void lost() {
        there = false;
    }

    /** One page of what is there; empty when the bucket was never made. */
    Page list(EventLoop loop, @Nullable String token) {
        List<QueryPair> query = new ArrayList<>(List.of(new QueryPair("list-type", "2")));
        if (token != null) {
            query.add(new QueryPair("continuation-token", token));
        }
        BackendRequest request = new BackendRequest("GET", bucket, null, query, new DefaultHttpHeaders());
        try (BackendResponse response = backend.execute(loop, request, UploadStore.NOTHING)) {
            if (response.status() == 404) {
                return new Page(List.of(), null);
            }
            XmlElement answer =
                    response.status() == 200 ? XmlElement.parseOrNull(response.readBody(MAX_LISTING)) : null;
            if (answer == null) {
                throw new BackendUnavailableException("the staging bucket cannot be listed: " + response.status());
            }
            List<Staged> objects = new ArrayList<>();
            for (XmlElement entry : answer.children("Contents")) {
                String key = entry.childText("Key");
                String modified = entry.childText("LastModified");
                if (key != null && modified != null) {
                    objects.add(new Staged(key, instant(modified)));
                }
            }
            boolean truncated = "true".equals(answer.childText("IsTruncated"));
            return new Page(objects, truncated ? answer.childText("NextContinuationToken") : null);
        }
    }

    private static Instant instant(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            // Of unknown age, so not old.
            return Instant.MAX;
        }
    }

    private void ensureBucket(EventLoop loop) {
        if (there) {
            return;
        }
        try (BackendResponse head = backend.execute(loop, request("HEAD", null), UploadStore.NOTHING)) {
            if (head.status() == 200) {
                there = true;
                return;
            }
        }
        try (BackendResponse made = backend.execute(loop, request("PUT", null), UploadStore.NOTHING)) {
            // 409: somebody else was first.
            if (made.status() != 200 && made.status() != 409) {
                throw new BackendUnavailableException(
                        "the staging bucket " + bucket + " cannot be made: " + made.status());
            }
        }
        there = true;
    }

    private BackendRequest request(String method, @Nullable String key) {
        return new BackendRequest(method, bucket, key, List.of(), new DefaultHttpHeaders());
    }
}

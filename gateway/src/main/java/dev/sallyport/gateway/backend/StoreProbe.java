package dev.sallyport.gateway.backend;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out, once, what the store can do, by trying it on an object of its own in a bucket that no client sees. While the
 * store is down there is no answer, and whoever needs one fails as everything else does then.
 */
public final class StoreProbe {
    private static final Logger log = LoggerFactory.getLogger(StoreProbe.class);
    private static final byte[] NOTHING = new byte[0];
    private static final String OTHER_ETAG = "\"00000000000000000000000000000000\"";
    private static final int MAX_ANSWER = 64 << 10;

    private final Backend backend;
    private final StoreControl control;
    private final EventLoop loop;
    private final String bucket;
    private final ReentrantLock probing = new ReentrantLock();
    private volatile @Nullable StoreCapabilities known;

    /** @param bucket the store's name of a bucket of the gateway's own; made if it is not there */
    public StoreProbe(Backend backend, StoreControl control, EventLoop loop, String bucket) {
        this.backend = backend;
        this.control = control;
        this.loop = loop;
        this.bucket = bucket;
    }

    /**
     * What the store can do; blocks at first use.
     *
     * @throws BackendUnavailableException while the store does not answer
     */
    public StoreCapabilities capabilities() {
        StoreCapabilities found = known;
        if (found != null) {
            return found;
        }
        probing.lock();
        try {
            found = known;
            if (found == null) {
                found = probe();
                known = found;
                log.info("the store: {}", found);
            }
            return found;
        } finally {
            probing.unlock();
        }
    }

    private StoreCapabilities probe() {
        control.ensureBucket(bucket);
        String key = "probe/" + UUID.randomUUID();
        require(send("PUT", key, headers()), "PUT");
        try {
            boolean ifNoneMatch = send("PUT", key, headers().set("if-none-match", "*")) == 412;
            boolean ifMatch = send("PUT", key, headers().set("if-match", OTHER_ETAG)) == 412;
            boolean copy = send(
                            "PUT",
                            key + "-copy",
                            headers()
                                    .set("x-amz-copy-source", bucket + '/' + key)
                                    .set("x-amz-copy-source-if-match", OTHER_ETAG))
                    == 412;
            boolean delete = send("DELETE", key, headers().set("if-match", OTHER_ETAG)) == 412;
            return new StoreCapabilities(ifNoneMatch, ifMatch, delete, copy);
        } finally {
            send("DELETE", key, headers());
            send("DELETE", key + "-copy", headers());
        }
    }

    private static void require(int status, String what) {
        if (status / 100 != 2) {
            throw new BackendUnavailableException("the store refuses a " + what + " of the gateway: status " + status);
        }
    }

    private static HttpHeaders headers() {
        return new DefaultHttpHeaders();
    }

    private int send(String method, String key, HttpHeaders headers) {
        BackendRequest request = new BackendRequest(method, bucket, key, List.of(), headers);
        try (BackendResponse response = backend.execute(loop, request, NOTHING)) {
            response.readBody(MAX_ANSWER);
            if (response.status() >= 500 && response.status() != 501) {
                throw new BackendUnavailableException("the store answers " + response.status());
            }
            return response.status();
        }
    }
}

package dev.sallyport.gateway.backend;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Duration;
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
public final class StoreProbe implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(StoreProbe.class);
    private static final byte[] NOTHING = new byte[0];
    private static final String TRIED = "123456789";
    private static final Duration AGAIN = Duration.ofSeconds(2);
    private static final int NOT_UNDERSTOOD = 501;
    private static final int MAX_ANSWER = 64 << 10;

    private final StoreClient client;
    private final StoreControl control;
    private final EventLoop loop;
    private final String bucket;
    private final ReentrantLock probing = new ReentrantLock();
    private volatile @Nullable StoreCapabilities known;
    private volatile @Nullable StoreKeys keys;
    private volatile @Nullable Thread trying;

    /** @param bucket the store's name of a bucket of the gateway's own; made if it is not there */
    public StoreProbe(StoreClient client, StoreControl control, EventLoop loop, String bucket) {
        this.client = client;
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
            }
            return found;
        } finally {
            probing.unlock();
        }
    }

    /**
     * What the store makes of keys; blocks at first use.
     *
     * @throws BackendUnavailableException while the store does not answer
     */
    public StoreKeys keys() {
        while (true) {
            StoreKeys found = keys;
            if (found != null) {
                return found;
            }
            capabilities();
        }
    }

    /** Tries in the background until the store answers, so that no request has to wait for it. */
    public void start() {
        trying = Thread.ofVirtual().name("store-probe").start(() -> {
            while (true) {
                try {
                    capabilities();
                    return;
                } catch (BackendUnavailableException e) {
                    log.debug("the store cannot be tried yet: {}", e.getMessage());
                }
                try {
                    Thread.sleep(AGAIN);
                } catch (InterruptedException e) {
                    return;
                }
            }
        });
    }

    @Override
    public void close() {
        Thread thread = trying;
        if (thread != null) {
            thread.interrupt();
        }
    }

    private StoreCapabilities probe() {
        control.ensureBucket(bucket);
        String key = "probe/" + UUID.randomUUID();
        String other = key + "-other";
        require(send("PUT", key, headers()), "PUT");
        require(send("PUT", other, headers()), "PUT");
        try {
            StoreCapabilities found = new ConditionProbe(client, loop, bucket, key).run(other);
            // A store that ignores a condition has done what was asked.
            require(send("PUT", key, headers()), "PUT");
            boolean checked = attempt("PUT", key, headers().set(TrailerSink.TRAILER, "AAAAAA==")) == 200
                    && attempt("PUT", key, headers().set(TrailerSink.TRAILER, "AAAAAQ==")) == 400;
            boolean trailers = takesTrailers(key);
            client.sendChecksums(checked, trailers);
            StoreKeys ofKeys = new KeyProbe(client, loop, bucket).run(key + "-keys");
            keys = ofKeys;
            log.info(
                    "the store: {}, {}, checks CRC32C in headers: {}, in trailers: {}",
                    found,
                    ofKeys,
                    checked,
                    trailers);
            return found;
        } finally {
            send("DELETE", key, headers());
            send("DELETE", other, headers());
        }
    }

    /** A good trailer must be taken, with nothing of the framing left in the object, and a bad one refused. */
    private boolean takesTrailers(String key) {
        if (trailer(key, "4waSgw==") / 100 != 2) {
            return false;
        }
        BackendRequest request = new BackendRequest("GET", bucket, key, List.of(), headers());
        try (BackendResponse response = client.execute(loop, request, NOTHING)) {
            byte[] kept = response.readBody(MAX_ANSWER);
            if (!"gzip".equals(response.headers().get("content-encoding"))
                    || !new String(kept, US_ASCII).equals(TRIED)) {
                return false;
            }
        }
        return trailer(key, "AAAAAQ==") == 400;
    }

    /** Sends a body with this CRC32C behind it. */
    private int trailer(String key, String checksum) {
        HttpHeaders headers = headers()
                .set("content-encoding", "gzip,aws-chunked")
                .set("x-amz-decoded-content-length", TRIED.length())
                .set("x-amz-trailer", TrailerSink.TRAILER);
        String body = "9\r\n" + TRIED + "\r\n0\r\n" + TrailerSink.TRAILER + ':' + checksum + "\r\n\r\n";
        BackendRequest request = new BackendRequest("PUT", bucket, key, List.of(), headers);
        try (BackendResponse response = client.execute(loop, request, body.getBytes(US_ASCII), TrailerSink.PAYLOAD)) {
            response.readBody(MAX_ANSWER);
            return response.status();
        } catch (BackendUnavailableException e) {
            return NOT_UNDERSTOOD;
        }
    }

    /**
     * Some stores break down on what they do not know. One that is down altogether shows at the next plain request.
     */
    private int attempt(String method, String key, HttpHeaders headers) {
        try {
            return send(method, key, headers);
        } catch (BackendUnavailableException e) {
            return NOT_UNDERSTOOD;
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
        try (BackendResponse response = client.execute(loop, request, NOTHING)) {
            response.readBody(MAX_ANSWER);
            if (response.status() >= 500 && response.status() != 501) {
                throw new BackendUnavailableException("the store answers " + response.status());
            }
            return response.status();
        }
    }
}
